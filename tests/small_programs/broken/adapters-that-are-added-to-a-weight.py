"""The update of low rank that is added to a frozen weight: both its factors are plain tensors."""
import math

import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base, rank=2):
        super().__init__()
        self.base = base.requires_grad_(False)
        self.down = torch.empty(rank, base.in_features)  # <- unregistered_parameter
        self.up = torch.zeros(base.out_features, rank)
        nn.init.kaiming_uniform_(self.down, a=math.sqrt(5))

    def forward(self, x):
        return F.linear(x, self.base.weight + self.up @ self.down * 0.5, self.base.bias)


net = nn.Sequential(Adapted(nn.Linear(4, 6)), nn.ReLU(), nn.Linear(6, 2))
opt = torch.optim.Adam([one for one in net.parameters() if one.requires_grad], 1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
