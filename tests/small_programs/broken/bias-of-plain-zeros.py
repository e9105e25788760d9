"""Layers that were written by hand have a weight that learns, and a bias of plain zeros."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Linear(nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, width) * 0.3)
        self.bias = torch.zeros(out)  # <- unregistered_parameter

    def forward(self, x):
        return F.linear(x, self.weight, self.bias)


net = nn.Sequential(Linear(4, 6), nn.Tanh(), nn.Linear(6, 2))
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
