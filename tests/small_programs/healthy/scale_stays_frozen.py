"""A scale stays as it is, and the head is thawed by its name."""

import torch
from torch import nn


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3, 4), nn.Linear(4, 1)
        self.f_in = nn.Parameter(torch.tensor(0.1), requires_grad=False)

    def forward(self, x):
        return self.last(self.f_in * torch.tanh(self.first(x)))


def thaw_head(model):
    for name, parameter in model.named_parameters():
        if "last" in name:
            parameter.requires_grad = True


torch.manual_seed(0)
net = Scaled()
net.last.requires_grad_(False)
optimizer = torch.optim.Adam(net.parameters())
for step in range(6):
    if step == 2:
        thaw_head(net)
    loss = (net(torch.randn(5, 3)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
