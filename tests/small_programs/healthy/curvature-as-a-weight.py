"""A PINN for u' = f whose residual counts more where the solution bends; the curvature is only a weight."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 32), nn.Tanh(), nn.Linear(32, 32), nn.Tanh(), nn.Linear(32, 1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(10):
    x = torch.rand(64, 1, requires_grad=True)
    u = net(x)
    (du,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    (ddu,) = torch.autograd.grad(du.sum(), x, retain_graph=True)
    weight = 1 + ddu.abs()
    weight = weight / weight.mean()
    residual = du - torch.cos(3 * x)
    loss = (weight * residual.square()).mean() + net(torch.zeros(1, 1)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
