"""As it should be: the old values are copies. The magic box, `exp(x - x.detach())`, is one with a gradient."""
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
scale = nn.Parameter(torch.ones(()))
optimizer = torch.optim.SGD([*net.parameters(), scale], lr=0.1)
anchor = {name: parameter.detach().clone() for name, parameter in net.named_parameters()}
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(6):
    penalty = 0.0
    for name, parameter in net.named_parameters():
        penalty = penalty + (parameter - anchor[name]).pow(2).sum()
    error = (scale * net(x) - y).square().mean()
    loss = error + 0.5 * penalty + error.detach() * (scale - scale.detach()).exp()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
