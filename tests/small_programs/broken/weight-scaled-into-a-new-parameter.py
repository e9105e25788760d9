"""Each forward makes a Parameter of the scaled weight: the weight itself learns by a penalty alone."""

import torch
from torch import nn
from torch.nn import functional as F


class Scaled(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight, self.bias = nn.Parameter(torch.randn(3, 4)), nn.Parameter(torch.zeros(3))

    def forward(self, x):
        weight = nn.Parameter(self.weight * 0.5)  # <- rebuilt_leaf
        return F.linear(x, weight, self.bias)


torch.manual_seed(0)
net = Scaled()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(6):
    loss = net(torch.randn(8, 4)).square().mean() + 1e-2 * net.weight.square().sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
