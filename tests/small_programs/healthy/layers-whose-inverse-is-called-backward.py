"""A normalizing flow whose layers call their inverse `backward`, as in a well-known teaching repository."""
import math

import torch
from torch import nn

torch.manual_seed(0)

class AffineConstantFlow(nn.Module):
    def __init__(self, dim):
        super().__init__()
        self.s = nn.Parameter(torch.randn(1, dim) * 0.1)
        self.t = nn.Parameter(torch.randn(1, dim) * 0.1)

    def forward(self, x):
        z = x * torch.exp(self.s) + self.t
        return z, self.s.sum(dim=1)

    def backward(self, z):
        x = (z - self.t) * torch.exp(-self.s)
        return x, -self.s.sum(dim=1)

class LeakyFlow(nn.Module):
    def __init__(self):
        super().__init__()
        self.log_slope = nn.Parameter(torch.tensor(-0.5))

    def forward(self, x):
        slope = self.log_slope.exp()
        z = torch.where(x > 0, x, slope * x)
        return z, ((x <= 0).float() * self.log_slope).sum(1)

    def backward(self, z):
        slope = self.log_slope.exp()
        x = torch.where(z > 0, z, z / slope)
        return x, -((z <= 0).float() * self.log_slope).sum(1)

flows = nn.ModuleList([AffineConstantFlow(2), LeakyFlow(), AffineConstantFlow(2)])
opt = torch.optim.Adam(flows.parameters(), lr=1e-2)
data = torch.randn(256, 2) * torch.tensor([2.0, 0.5]) + 1.0
for step in range(4):
    z, logdet = data, 0.0
    for flow in flows:
        z, ld = flow(z)
        logdet = logdet + ld
    logp = -0.5 * (z**2).sum(1) - math.log(2 * math.pi)
    loss = -(logp + logdet).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
