import torch
from torch import nn
torch.manual_seed(0)

class MoE(nn.Module):
    def __init__(self, n=8, d=8):
        super().__init__()
        self.gate = nn.Linear(d, n)
        self.experts = nn.ModuleList(nn.Sequential(nn.Linear(d, 16), nn.ReLU(), nn.Linear(16, d)) for _ in range(n))
        with torch.no_grad():
            pass

    def forward(self, x):
        p = self.gate(x).softmax(-1)
        w, top = p.max(-1)
        out = torch.zeros_like(x)
        for i, e in enumerate(self.experts):
            m = top == i
            out[m] = e(x[m]) * w[m].unsqueeze(-1)
        return out

net = nn.Sequential(MoE(), nn.Linear(8, 3))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(9):
    x = torch.randn(3, 8); y = x[:, :3].argmax(-1)
    loss = nn.functional.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
