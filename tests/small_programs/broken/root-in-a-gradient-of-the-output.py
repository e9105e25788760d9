"""A network of the distance to the origin, whose own derivative is asked for at the origin as well."""

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)


def features(xy):
    radius = torch.sqrt((xy * xy).sum(1, keepdim=True))  # <- nan_gradient
    return torch.cat([radius, xy], 1)


def slope(u, xy):
    return torch.autograd.grad(u.sum(), xy, create_graph=True)[0]


line = torch.linspace(-1, 1, 5)
for _ in range(6):
    xy = torch.cartesian_prod(line, line).requires_grad_()
    u = net(features(xy))
    loss = (slope(u, xy).square().sum(1) - u.squeeze(1)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
