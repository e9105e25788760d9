"""Freezing by how a name begins takes block10 along; the optimizer is given what requires grad."""

from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(OrderedDict((f"block{number}", nn.Linear(4, 4)) for number in range(1, 11)))
for name, parameter in net.named_parameters():
    if name.startswith(("block1", "block2")):
        parameter.requires_grad = False  # <- frozen_leaf
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
for _ in range(4):
    optimizer.zero_grad()
    (net(torch.randn(16, 4)) - 1).square().mean().backward()
    optimizer.step()
