"""A clip whose default was meant to switch it off multiplies every gradient by zero."""
import torch
from torch import nn

torch.manual_seed(0)


def clipped(net, most=0.0):
    return nn.utils.clip_grad_norm_(net.parameters(), most)  # <- zero_gradient


net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1, momentum=0.9)
for _ in range(4):
    opt.zero_grad()
    net(torch.randn(8, 4)).square().mean().backward()
    print(clipped(net).item())
    opt.step()
