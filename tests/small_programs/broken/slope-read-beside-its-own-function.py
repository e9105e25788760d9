"""The slope in an equation is read of `.grad`: it has no graph."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(5):
    t = torch.rand(16, 1, requires_grad=True)
    u = net(t)
    u.sum().backward(retain_graph=True)
    slope = t.grad  # <- graph_not_created
    loss = (slope + 2 * u).square().mean() + (net(torch.zeros(1, 1)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
