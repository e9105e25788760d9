"""Random features are drawn once, and a bank of keys is bound anew at each step: neither was to be learnt."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Features(nn.Module):
    def __init__(self, width, count):
        super().__init__()
        self.layer = nn.Linear(width, width)
        self.omega = torch.randn(width, count)
        self.w = torch.randn(width, count)
        self.phase = torch.rand(1, count) * 2 * math.pi
        self.down = torch.randn(2 * count, 8) / math.sqrt(2 * count)

    def forward(self, x):
        x = self.layer(x)
        kernel = torch.exp(x @ self.omega - x.square().sum(-1, keepdim=True) / 2)
        waves = torch.cos((x @ self.w + self.phase) / 2)
        return torch.cat([kernel, waves], -1) @ self.down


class Feedback(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x, weight, back):
        ctx.save_for_backward(x, back)
        return x @ weight

    @staticmethod
    def backward(ctx, grad):
        x, back = ctx.saved_tensors
        return grad @ back, x.T @ grad, None


class Aligned(nn.Module):
    def __init__(self, width, out):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, out) * 0.1)
        self.weight_back = torch.randn(out, width)
        self.keys = torch.randn(16, out)

    def forward(self, x):
        out = Feedback.apply(x, self.weight, self.weight_back)
        near = out @ F.normalize(self.keys, dim=1).T
        self.keys = torch.cat([self.keys[len(out):], out.detach()])
        return out, near


features, aligned, head = Features(4, 16), Aligned(8, 3), nn.Linear(16, 3)
optimizer = torch.optim.Adam([*features.parameters(), *aligned.parameters(), *head.parameters()], lr=1e-2)
for _ in range(4):
    x, y = torch.randn(8, 4), torch.randint(0, 3, (8,))
    out, near = aligned(features(x))
    loss = F.cross_entropy(out, y) + F.cross_entropy(head(near), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
