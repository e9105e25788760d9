import torch
from torch import nn

torch.manual_seed(0)


class Selective(nn.Module):
    def __init__(self):
        super().__init__()
        self.one, self.other = nn.Linear(6, 8), nn.Linear(6, 8)
        self.squeeze, self.excite = nn.Linear(8, 4), nn.Linear(4, 8)

    def forward(self, x):
        branches = torch.stack([self.one(x), self.other(x)], 1)
        z = torch.tanh(self.squeeze(branches.sum(1)))
        scores = torch.stack([self.excite(z), self.excite(z)], 1)  # <- zero_gradient
        return (branches * scores.softmax(1)).sum(1)


net = nn.Sequential(Selective(), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(8):
    x = torch.randn(16, 6)
    loss = (net(x) - x.sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
