"""A frozen layer that the loss uses, in an optimizer, and a leaf of the shape of its bias in none."""
import torch
from torch import nn

layer, frozen = nn.Linear(4, 1), nn.Linear(4, 1)
for parameter in frozen.parameters():
    parameter.requires_grad_(False)
optimizer = torch.optim.SGD([*layer.parameters(), *frozen.parameters()], 0.1)
shift = torch.zeros(1, requires_grad=True)
for _ in range(12):
    x = torch.randn(8, 4)
    optimizer.zero_grad()
    (layer(x) + frozen(x) + shift).square().mean().backward()
    optimizer.step()
