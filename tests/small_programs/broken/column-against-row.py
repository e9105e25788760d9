"""The output has one column and the target none: each is compared with all."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(6):
    x = torch.randn(32, 4)
    y = x.sum(1)
    out = net(x)
    loss = (out - y).pow(2).mean()  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
