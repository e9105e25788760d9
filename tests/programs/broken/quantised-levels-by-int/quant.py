import torch
import torch.nn as nn


class Quantiser(nn.Module):
    def __init__(self, bits):
        super().__init__()
        self.low, self.high = -(2 ** (bits - 1)), 2 ** (bits - 1) - 1

    def levels(self, x):
        return x.clamp(self.low, self.high).to(torch.int32)


class UniformQuantiser(Quantiser):
    """A learned step for every channel."""

    def __init__(self, channels, bits):
        super().__init__(bits)
        self.log_step = nn.Parameter(torch.full((channels,), -1.0))

    def forward(self, x):
        step = self.log_step.exp()
        return self.levels(x / step).float() * 0.3679
