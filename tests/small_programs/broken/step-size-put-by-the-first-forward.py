"""The first forward puts a Parameter where the optimizer has one already, and fits it to the first batches."""

import torch
from torch import nn


class Rounded(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x.round()

    @staticmethod
    def backward(ctx, grad):
        return grad


class Quantizer(nn.Module):
    def __init__(self):
        super().__init__()
        self.size, self.seen = nn.Parameter(torch.ones(1)), 0

    def forward(self, x):
        fitted = x.detach().abs().mean() / 4
        if self.seen == 0:
            self.size = nn.Parameter(fitted.reshape(1))  # <- rebuilt_leaf
        elif self.seen < 4:
            self.size.data.mul_(0.9).add_(0.1 * fitted)
        self.seen += 1
        return Rounded.apply((x / self.size).clamp(-8, 7)) * self.size


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), Quantizer(), nn.ReLU(), nn.Linear(8, 8), Quantizer(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.01)
for _ in range(40):
    x = torch.randn(16, 4)
    loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
