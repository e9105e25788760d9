"""A step that is too long: squares overflow first, and not their mean."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def squares(out, target):
    error = out - target
    squared = error * error  # <- nan_gradient
    return squared.mean()


optimizer = torch.optim.SGD(net.parameters(), lr=1e21)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    loss = squares(out, 1.0)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
