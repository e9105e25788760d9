"""Vectors that are drawn once and stay: phases of waves, a probe of derivatives, where a motion begins, and
weights of the classes of a loss."""
import math

import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Waves(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.scale = nn.Linear(width, width)
        self.w = torch.randn(width, count)
        self.bias = torch.rand(count) * 2 * math.pi

    def forward(self, x):
        return torch.cos(self.scale(x) @ self.w + self.bias)


class Penalty(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.v = torch.randn(width)

    def forward(self, net, x):
        x = x.requires_grad_()
        (one,) = torch.autograd.grad(net(x).sum(), x, create_graph=True)
        return (one @ self.v).square().mean()


class Motion(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.force = nn.Linear(width, width)
        self.u, self.v = torch.rand(width), torch.rand(width)

    def forward(self, steps=3):
        u, v = self.u, self.v
        for _ in range(steps):
            v = v + 0.1 * self.force(u)
            u = u + 0.1 * v
        return u


class Classes(nn.Module):
    def __init__(self, count):
        super().__init__()
        self.weights = torch.rand(count)

    def forward(self, scores, labels):
        return F.cross_entropy(scores, labels, self.weights)


waves, motion = Waves(4, 8), Motion(8)
head, penalty, classes = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 3)), Penalty(8), Classes(3)
optimizer = torch.optim.Adam([*waves.parameters(), *motion.parameters(), *head.parameters()], lr=1e-2)
for _ in range(4):
    features = waves(torch.randn(8, 4))
    loss = classes(head(features), torch.randint(0, 3, (8,))) + penalty(head, torch.randn(8, 8))
    loss = loss + (motion() - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
