"""A network for u' = cos(t) - u: the slope has no graph, so that only u is trained where both stand."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
start = torch.zeros(1, 1)
for _ in range(4):
    t = torch.rand(16, 1, requires_grad=True)
    u = net(t)
    slope = torch.autograd.grad(u.sum(), t, retain_graph=True)[0]  # <- graph_not_created
    residual = slope + u - torch.cos(t)
    loss = residual.pow(2).mean() + (net(start) - 1).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
