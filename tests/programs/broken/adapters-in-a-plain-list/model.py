import torch.nn as nn


class Adapter(nn.Module):
    def __init__(self, width, rank=4):
        super().__init__()
        self.down, self.up = nn.Linear(width, rank), nn.Linear(rank, width)

    def forward(self, h):
        return h + self.up(self.down(h).tanh())


class AdaptedMLP(nn.Module):
    def __init__(self, features, width, classes, depth):
        super().__init__()
        sizes = [features] + [width] * depth
        self.layers = nn.ModuleList(nn.Linear(a, b) for a, b in zip(sizes, sizes[1:]))
        self.adapters = [Adapter(width) for _ in range(depth)]
        self.out = nn.Linear(width, classes)

    def forward(self, x):
        for layer, adapter in zip(self.layers, self.adapters):
            x = adapter(layer(x).relu())
        return self.out(x)
