"""Backward is run in two parts: that of what comes after a number, and, with its gradient, of what came before."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(10):
    level = net(torch.randn(8, 4)).square().mean()
    kept = level.detach().requires_grad_()
    (0.5 * kept).backward()
    optimizer.zero_grad()
    level.backward(kept.grad)
    optimizer.step()
