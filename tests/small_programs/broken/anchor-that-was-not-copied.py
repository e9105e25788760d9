"""A penalty holds the weights near their old values, which were kept without a copy: they change along."""
import torch
from torch import nn

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
anchor = {name: parameter.detach() for name, parameter in net.named_parameters()}
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(6):
    penalty = 0.0
    for name, parameter in net.named_parameters():
        penalty = penalty + (parameter - anchor[name]).pow(2).sum()  # <- zero_gradient
    loss = (net(x) - y).square().mean() + 0.5 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
