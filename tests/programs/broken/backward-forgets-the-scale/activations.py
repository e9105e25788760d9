import torch
import torch.nn as nn


class _Leak(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, slope):
        ctx.save_for_backward(x, slope)
        return torch.where(x > 0, x, slope * x)

    @staticmethod
    def backward(ctx, grad):
        x, slope = ctx.saved_tensors
        return torch.where(x > 0, grad, slope * grad), None


class LearnedLeak(nn.Module):
    """A leaky ReLU with one slope for each channel."""

    def __init__(self, channels, start=0.1):
        super().__init__()
        self.slope = nn.Parameter(torch.full((channels,), start))

    def forward(self, x):
        return _Leak.apply(x, self.slope)
