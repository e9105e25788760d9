"""Only the derivative of an energy is trained: its last bias has no part in that."""

import torch
from torch import nn

torch.manual_seed(0)
energy = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(energy.parameters(), lr=1e-2)

for _ in range(5):
    x = torch.randn(16, 3, requires_grad=True)
    (force,) = torch.autograd.grad(energy(x).sum(), x, create_graph=True)
    loss = (force + x.detach()).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
