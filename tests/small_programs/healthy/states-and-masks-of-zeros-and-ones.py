"""Where a cell begins, what a mask lets through, and what a running mean begins with are zeros and ones."""
import torch
from torch import nn

torch.manual_seed(0)


class Cell(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.gates = nn.Linear(2 * width, 4 * width)
        self.h0, self.c0 = torch.zeros(1, width), torch.zeros(1, width)

    def forward(self, x):
        h, c = self.h0.expand(len(x), -1), self.c0.expand(len(x), -1)
        for one in x.unbind(1):
            i, f, g, o = self.gates(torch.cat([one, h], 1)).chunk(4, 1)
            c = f.sigmoid() * c + i.sigmoid() * g.tanh()
            h = o.sigmoid() * c.tanh()
        return h


class Masked(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(width, width) * 0.3)
        self.weight_mask = torch.ones(width, width)
        self.mask_token = torch.zeros(1, width)
        self.attn_mask = torch.zeros(width)

    def forward(self, x):
        x = torch.where(torch.rand(len(x), 1) < 0.2, self.mask_token, x)
        return x @ (self.weight * self.weight_mask) + self.attn_mask


class Whitened(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.mean, self.var = torch.zeros(width), torch.ones(width)
        self.register_buffer("gamma", torch.ones(width))
        self.register_buffer("beta", torch.zeros(width))

    def forward(self, x):
        if self.training:
            self.mean = self.mean.lerp(x.detach().mean(0), 0.1)
            self.var.lerp_(x.detach().var(0), 0.1)
        return (x - self.mean) / (self.var + 1e-5).sqrt() * self.gamma + self.beta


net = nn.Sequential(nn.Linear(4, 4), Cell(4), Masked(4), Whitened(4), nn.Linear(4, 2))
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    loss = nn.functional.cross_entropy(net(torch.randn(8, 3, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
