"""The first blocks and the last one are frozen, by their numbers; the optimizer is given what requires grad."""

from collections import OrderedDict

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(OrderedDict((f"block{number}", nn.Linear(4, 4)) for number in range(1, 12)))
for number in (1, 10, 11):
    net.get_submodule(f"block{number}").requires_grad_(False)
optimizer = torch.optim.SGD([p for p in net.parameters() if p.requires_grad], lr=0.1)
for _ in range(4):
    optimizer.zero_grad()
    (net(torch.randn(16, 4)) - 1).square().mean().backward()
    optimizer.step()
