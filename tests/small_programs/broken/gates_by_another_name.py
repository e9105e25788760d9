"""Gates are made frozen and are to be opened later, by a name that none of them has."""

import torch
from torch import nn


class Gated(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(3, 4), nn.Linear(4, 1)
        self.f_in = nn.Parameter(torch.tensor(0.1), requires_grad=False)  # <- frozen_leaf

    def forward(self, x):
        return self.last(self.f_in * torch.tanh(self.first(x)))


def open_gates(model):
    for name, parameter in model.named_parameters():
        if "gate" in name or name.endswith(("open", "shut")):
            parameter.requires_grad = True


torch.manual_seed(0)
net = Gated()
optimizer = torch.optim.Adam(net.parameters())
for step in range(6):
    if step == 2:
        open_gates(net)
    loss = (net(torch.randn(5, 3)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
