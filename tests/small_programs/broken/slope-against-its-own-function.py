"""A decay with a rate that is fitted too: the slope is compared with what the network gives anew, and is a constant there."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
rate = nn.Parameter(torch.tensor(0.5))
optimizer = torch.optim.Adam([*net.parameters(), rate], lr=1e-2)
times, seen = torch.linspace(0, 1, 8)[:, None], torch.exp(-torch.linspace(0, 1, 8))[:, None]


def slope_at(t):
    u = net(t)
    (slope,) = torch.autograd.grad(u, t, grad_outputs=torch.ones_like(u))  # <- graph_not_created
    return slope


for _ in range(4):
    t = torch.rand(16, 1).requires_grad_()
    equation = F.mse_loss(slope_at(t), -rate * net(t))
    loss = F.mse_loss(net(times), seen) + 0.1 * equation
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
