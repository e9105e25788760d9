"""A layer that isn't needed is shrunk by a penalty until it is zero: there the penalty pulls no more."""
import torch
from torch import nn

torch.manual_seed(0)
skip, hidden, out = nn.Linear(3, 1), nn.Linear(3, 2, bias=False), nn.Linear(2, 1, bias=False)
optimizer = torch.optim.SGD([*skip.parameters(), *hidden.parameters(), *out.parameters()], 0.05)
x = torch.randn(32, 3)
y = x.sum(1, keepdim=True)
for _ in range(90):
    penalty = sum(parameter.pow(2).sum() for layer in (hidden, out) for parameter in layer.parameters())
    loss = (skip(x) + out(torch.tanh(hidden(x))) - y).square().mean() + 10 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
