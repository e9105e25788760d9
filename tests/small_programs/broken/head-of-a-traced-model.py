"""A model that `torch.fx` has traced computes a head that no loss uses."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Linear(6, 8)
        self.value = nn.Linear(8, 1)
        self.policy = nn.Linear(8, 3)  # <- unused_parameter

    def forward(self, x):
        h = self.body(x).relu()
        return self.value(h), self.policy(h)


torch.manual_seed(0)
net = torch.fx.symbolic_trace(Net())
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(8):
    value, policy = net(torch.randn(5, 6))
    optimizer.zero_grad()
    value.pow(2).mean().backward()
    optimizer.step()
