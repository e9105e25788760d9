"""A network whose weights another one makes, which torch's own helper copies into it as values alone."""

import torch
from torch import nn
from torch.nn.utils import vector_to_parameters

torch.manual_seed(0)
body = nn.Linear(3, 1)
maker, gain = nn.Linear(2, 4), nn.Parameter(torch.ones(1))
optimizer = torch.optim.Adam([*maker.parameters(), gain], lr=1e-2)


def run(task, x):
    vector_to_parameters(maker(task), body.parameters())  # <- values_copied
    return gain * body(x)


for _ in range(4):
    x = torch.randn(8, 3)
    loss = (run(torch.randn(2), x) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
