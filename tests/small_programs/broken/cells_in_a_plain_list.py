"""Modules with modules of their own are put into a plain list: that line, and not one inside of their class."""

import torch
from torch import nn


class Cell(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.inner = nn.Linear(size, size)
        self.norm = nn.LayerNorm(size)

    def forward(self, x):
        return x + torch.tanh(self.norm(self.inner(x)))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.cells = nn.Linear(3, 4), []
        for _ in range(2):
            self.cells.append(Cell(4))  # <- unregistered_parameter
        self.last = nn.Linear(4, 1)

    def forward(self, x):
        x = self.first(x)
        for cell in self.cells:
            x = cell(x)
        return self.last(x)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters())
for _ in range(3):
    loss = (net(torch.randn(4, 3)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
