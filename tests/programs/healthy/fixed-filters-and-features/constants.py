import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class FourierFeatures(nn.Module):
    def __init__(self, d_in, features, scale=2.0):
        super().__init__()
        self.register_buffer("b", torch.randn(features, d_in) * scale)

    def forward(self, x):
        angle = 2 * math.pi * x @ self.b.T
        return torch.cat([angle.sin(), angle.cos()], -1)


class Positions(nn.Module):
    """A plain attribute, not even a buffer."""

    def __init__(self, d, length):
        super().__init__()
        t = torch.arange(length)[:, None]
        rate = torch.exp(torch.arange(0, d, 2) * (-math.log(10000.0) / d))
        self.table = torch.stack([(t * rate).sin(), (t * rate).cos()], -1).flatten(1)
        self.strength = nn.Parameter(torch.tensor(0.1))

    def forward(self, x):
        return x + self.strength * self.table[: x.shape[1]]


class RandomProjection(nn.Module):
    def __init__(self, d_in, d_out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(d_out, d_in) / math.sqrt(d_in), requires_grad=False)

    def forward(self, x):
        return F.linear(x, self.weight)


class SobelLoss:
    def __init__(self):
        kernel = torch.tensor([[-1.0, 0, 1], [-2, 0, 2], [-1, 0, 1]])
        self.kernels = torch.stack([kernel, kernel.T])[:, None] / 8

    def __call__(self, image, target):
        return F.l1_loss(F.conv2d(image, self.kernels), F.conv2d(target, self.kernels))
