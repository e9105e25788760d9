"""Gradients of one layer are taken away in the first steps, as is meant; all others are zeros for rounding."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 3))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(5):
    x = torch.randn(8, 4)
    loss = (net(x).round() - x[:, :3]).square().mean()  # <- zero_gradient
    optimizer.zero_grad()
    loss.backward()
    if step < 2:
        for parameter in net[2].parameters():
            parameter.grad = None
    optimizer.step()
