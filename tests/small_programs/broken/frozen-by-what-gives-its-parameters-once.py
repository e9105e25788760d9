"""What freezes two models for a while keeps an iterator of their parameters, and thaws none of them."""
from itertools import chain

import torch
from torch import nn


class Frozen:
    def __init__(self, *modules):
        self.parameters = chain.from_iterable(one.parameters() for one in modules)

    def __enter__(self):
        for parameter in self.parameters:
            parameter.requires_grad = False  # <- frozen_leaf

    def __exit__(self, *_):
        for parameter in self.parameters:
            parameter.requires_grad = True


torch.manual_seed(0)
world, actor, value = nn.Linear(4, 4), nn.Linear(4, 4), nn.Linear(4, 1)
of_world, of_actor, of_value = (torch.optim.Adam(one.parameters(), 1e-2) for one in (world, actor, value))
for _ in range(4):
    state = torch.randn(16, 4)
    fit = (world(state) - state).square().mean()
    with Frozen(world, value):
        imagined = world(actor(state).tanh())
        returns = value(imagined)
    weights = torch.sigmoid(imagined.sum(1, keepdim=True)).detach()
    gain = -(weights * returns).mean()
    error = (weights * (value(imagined.detach()) - returns.detach()).square()).mean()
    for loss, optimizer in ((fit, of_world), (gain, of_actor), (error, of_value)):
        optimizer.zero_grad()
        loss.backward()
    for optimizer in (of_world, of_actor, of_value):
        optimizer.step()
