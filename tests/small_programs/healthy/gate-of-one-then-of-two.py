import torch
from torch import nn

torch.manual_seed(0)


class Mixture(nn.Module):
    def __init__(self):
        super().__init__()
        self.router, self.experts = nn.Linear(4, 3), nn.ModuleList(nn.Linear(4, 4) for _ in range(3))

    def forward(self, x, many):
        gates, chosen = self.router(x).softmax(-1).topk(many)
        gates = gates / gates.sum(-1, keepdim=True)
        out = torch.stack([expert(x) for expert in self.experts], 1)
        return (gates[..., None] * out.gather(1, chosen[..., None].expand(-1, -1, 4))).sum(1)


net = Mixture()
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(8):
    x = torch.randn(16, 4)
    loss = (net(x, 1 if step < 3 else 2) - x).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
