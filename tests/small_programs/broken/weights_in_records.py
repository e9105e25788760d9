"""Each edge of a network is a dataclass with a parameter of its own, and the module keeps a tuple of these."""

from dataclasses import dataclass, field

import torch
from torch import nn


@dataclass(eq=False)
class Edge:
    source: int
    weight: nn.Parameter = field(default_factory=lambda: nn.Parameter(torch.zeros(3)))  # <- unregistered_parameter


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3, 3), nn.Linear(3, 1)
        self.edges = tuple(Edge(number) for number in range(2))  # <- unregistered_parameter

    def forward(self, x):
        x = self.first(x)
        for edge in self.edges:
            x = x + torch.softmax(edge.weight, dim=0) * torch.tanh(x)
        return self.last(x)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters())
for _ in range(3):
    loss = (net(torch.randn(5, 3)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
