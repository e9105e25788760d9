import torch
import torch.nn as nn
import torch.nn.functional as F


class CausalAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.qkv = nn.Linear(d, 3 * d, bias=False)
        self.out = nn.Linear(d, d)

    def forward(self, x):
        q, k, v = self.qkv(x).chunk(3, -1)
        scores = q @ k.transpose(1, 2)
        scores.mul_(q.shape[-1] ** -0.5)
        future = torch.ones(x.shape[1], x.shape[1], dtype=torch.bool).triu(1)
        scores.masked_fill_(future, float("-inf"))
        y = self.out(scores.softmax(-1) @ v)
        y += x
        return y


class FeedForward(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.inp, self.out = nn.Linear(d, 2 * d), nn.Linear(2 * d, d)

    def forward(self, x):
        h = self.out(self.inp(x).relu_())
        return F.dropout(h, 0.1, self.training, inplace=True).add_(x)


class RunningNorm(nn.Module):
    """Divides by a running scale, which never sees a gradient."""

    def __init__(self, d, momentum=0.1):
        super().__init__()
        self.register_buffer("scale", torch.ones(d))
        self.gain = nn.Parameter(torch.ones(d))
        self.momentum = momentum

    def forward(self, x):
        if self.training:
            self.scale.lerp_(x.detach().std((0, 1)), self.momentum)
        return x / (self.scale.clone() + 1e-3) * self.gain


class Steps(nn.Module):
    """A recurrent readout that writes into a tensor made beforehand."""

    def __init__(self, d):
        super().__init__()
        self.cell = nn.GRUCell(d, d)
        self.readout = nn.Linear(d, 1)

    def forward(self, x):
        h = torch.zeros_like(x[:, 0])
        out = torch.empty(x.shape[:2])
        for t in range(x.shape[1]):
            h = self.cell(x[:, t], h)
            out[:, t] = self.readout(h).squeeze(1)
        return out
