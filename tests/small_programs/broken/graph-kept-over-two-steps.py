"""A graph is kept for one more backward, and two optimizers' steps lie in between."""

import torch
from torch import nn

torch.manual_seed(0)
weights = nn.ParameterList([nn.Parameter(torch.randn(4, 4)) for _ in range(3)])
fast = torch.optim.SGD(weights, lr=0.01)
slow = torch.optim.SGD(weights, lr=0.001)
x = torch.randn(8, 4)

for _ in range(5):
    y = x
    for weight in weights:
        y = torch.tanh(y @ weight)
    fast.zero_grad()
    loss = y.square().mean()
    loss.backward(retain_graph=True)
    fast.step()  # <- inplace_version
    slow.step()
loss.backward()
