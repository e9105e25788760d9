"""The derivative of a distance isn't a number at the origin, and is left out there on purpose."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
line = torch.linspace(-1, 1, 5)

for _ in range(6):
    xy = torch.cartesian_prod(line, line).requires_grad_()
    (direction,) = torch.autograd.grad(xy.square().sum(1).sqrt().sum(), xy)
    direction = torch.nan_to_num(direction)
    u = net(xy)
    (slope,) = torch.autograd.grad(u.sum(), xy, create_graph=True)
    loss = ((slope * direction).sum(1) - 1).square().mean() + u.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
