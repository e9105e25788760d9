"""An average follows a network by functions that write whole lists; the optimizer holds both, and leaves it alone."""

import copy

import torch
from torch import nn


class Twins(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 4))
        self.average = copy.deepcopy(self.net).requires_grad_(False)


@torch.no_grad()
def follow(net, average, rate):
    kept, fresh = list(average.parameters()), list(net.parameters())
    torch._foreach_mul_(kept, rate)
    torch._foreach_add_(kept, fresh, alpha=1 - rate)


torch.manual_seed(0)
twins = Twins()
optimizer = torch.optim.SGD(twins.parameters(), lr=0.1)
for _ in range(8):
    x = torch.randn(8, 4)
    follow(twins.net, twins.average, 0.9)
    loss = (twins.net(x) - twins.average(x + 1)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
