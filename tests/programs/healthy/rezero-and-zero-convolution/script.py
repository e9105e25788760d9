import torch
import torch.nn as nn
import torch.nn.functional as F


class ReZeroBlock(nn.Module):
    def __init__(self, channels):
        super().__init__()
        self.norm = nn.GroupNorm(1, channels)
        self.conv = nn.Conv1d(channels, channels, 5, padding=2)
        self.gate = nn.Parameter(torch.zeros(()))

    def forward(self, x):
        return x + self.gate * F.silu(self.conv(self.norm(x)))


class ZeroConv(nn.Conv1d):
    def __init__(self, channels):
        super().__init__(channels, channels, 1)

    def reset_parameters(self):
        nn.init.zeros_(self.weight)
        nn.init.zeros_(self.bias)


class Control(nn.Module):
    """A side branch for a condition; it starts by adding nothing."""

    def __init__(self, channels):
        super().__init__()
        self.inp = nn.Conv1d(1, channels, 3, padding=1)
        self.body = nn.Conv1d(channels, channels, 3, padding=1)
        self.out = ZeroConv(channels)

    def forward(self, condition):
        return self.out(F.silu(self.body(F.silu(self.inp(condition)))))


class Denoiser(nn.Module):
    def __init__(self, channels=8, depth=3):
        super().__init__()
        self.stem = nn.Conv1d(1, channels, 3, padding=1)
        self.blocks = nn.ModuleList(ReZeroBlock(channels) for _ in range(depth))
        self.control = Control(channels)
        self.scale = nn.Parameter(torch.full((channels, 1), 1e-4))
        self.head = nn.Conv1d(channels, 1, 3, padding=1)

    def forward(self, x, condition):
        h = self.stem(x)
        for block in self.blocks:
            h = block(h)
        return x + self.head(h + self.control(condition) + self.scale * h.mean(-1, keepdim=True))


torch.manual_seed(0)
net = Denoiser()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
t = torch.linspace(0, 1, 24)
for step in range(30):
    clean = torch.sin(2 * torch.pi * (torch.rand(32, 1, 1) + 2 * t))
    noisy = clean + 0.4 * torch.randn_like(clean)
    loss = F.mse_loss(net(noisy, clean.sign()), clean)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step < 2 or step % 10 == 9:
        norm = net.blocks[0].conv.weight.grad.norm().item()
        print(f"step {step:2d} loss {loss.item():.4f} gradient of the first block {norm:.2e}")
