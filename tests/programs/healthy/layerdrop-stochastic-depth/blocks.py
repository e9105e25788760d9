import random

import torch
import torch.nn as nn


class SkippedBlock(nn.Module):
    """Leaves the graph altogether with probability `drop`."""

    def __init__(self, branch, drop):
        super().__init__()
        self.branch, self.drop = branch, drop

    def forward(self, x):
        if self.training and random.random() < self.drop:
            return x
        return x + self.branch(x)


class MaskedBlock(nn.Module):
    """Per-sample stochastic depth; a mask of zeros for the whole batch happens."""

    def __init__(self, branch, drop):
        super().__init__()
        self.branch, self.drop = branch, drop

    def forward(self, x):
        if not self.training:
            return x + self.branch(x)
        keep = torch.bernoulli(torch.full((len(x), 1), 1 - self.drop))
        return x + self.branch(x) * keep / (1 - self.drop)


def feed_forward(d):
    return nn.Sequential(nn.LayerNorm(d), nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))
