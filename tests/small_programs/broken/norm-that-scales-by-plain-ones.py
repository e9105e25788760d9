"""Norms that were written by hand: what they scale by and add are plain tensors."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class LayerNorm(nn.Module):
    def __init__(self, width, eps=1e-6):
        super().__init__()
        self.gamma = torch.ones(width)  # <- unregistered_parameter
        self.beta = torch.zeros(width)  # <- unregistered_parameter
        self.eps = eps

    def forward(self, x):
        centred = x - x.mean(-1, keepdim=True)
        return self.gamma * centred / (x.std(-1, keepdim=True) + self.eps) + self.beta


class RMSNorm(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.width = width
        self.weight = torch.ones(width)  # <- unregistered_parameter

    def forward(self, x):
        return F.rms_norm(x, (self.width,), self.weight)


net = nn.Sequential(nn.Linear(4, 6), LayerNorm(6), nn.ReLU(), nn.Linear(6, 6), RMSNorm(6), nn.Linear(6, 2))
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
