"""Adapters that learn, one whose matrices are bound to zeros until an option is given."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base, rank=2, learn=True):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = torch.randn(rank, base.in_features) * 0.02
        if learn:
            self.down, self.up = nn.Parameter(self.down), nn.Parameter(torch.zeros(base.out_features, rank))
        else:
            self.up = torch.zeros(base.out_features, rank)

    def forward(self, x):
        return self.base(x) + x @ self.down.T @ self.up.T


net = nn.Sequential(Adapted(nn.Linear(4, 6)), nn.ReLU(), Adapted(nn.Linear(6, 6), learn=False), nn.Linear(6, 2))
opt = torch.optim.Adam([one for one in net.parameters() if one.requires_grad], 1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
