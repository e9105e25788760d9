"""A normalizing flow whose modules have `forward` (data to noise) and `backward` (noise to data); sampling is done by another script."""
import torch
from torch import nn

torch.manual_seed(0)


class AffineHalfFlow(nn.Module):
    def __init__(self, dim, parity):
        super().__init__()
        self.parity = parity
        self.s = nn.Sequential(nn.Linear(dim // 2, 24), nn.Tanh(), nn.Linear(24, dim // 2))
        self.t = nn.Sequential(nn.Linear(dim // 2, 24), nn.Tanh(), nn.Linear(24, dim // 2))

    def forward(self, x):
        x0, x1 = x[:, ::2], x[:, 1::2]
        if self.parity:
            x0, x1 = x1, x0
        s = self.s(x0)
        z1 = torch.exp(s) * x1 + self.t(x0)
        return torch.cat([x0, z1], 1), s.sum(1)

    def backward(self, z):
        z0, z1 = z.chunk(2, 1)
        s = self.s(z0)
        x1 = (z1 - self.t(z0)) * torch.exp(-s)
        x = torch.cat([z0, x1] if not self.parity else [x1, z0], 1)
        return x, -s.sum(1)


flows = nn.ModuleList(AffineHalfFlow(4, i % 2) for i in range(3))
opt = torch.optim.Adam(flows.parameters(), lr=1e-3)
for step in range(10):
    z, log_det = torch.randn(64, 4) * 2 + 1, 0
    for flow in flows:
        z, ld = flow(z)
        log_det = log_det + ld
    loss = (0.5 * z.square().sum(1) - log_det).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
