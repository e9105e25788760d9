import torch
import torch.nn as nn
from byol import BYOL


def backbone():
    return nn.Sequential(
        nn.Conv1d(1, 8, 5, padding=2), nn.BatchNorm1d(8), nn.ReLU(), nn.AdaptiveAvgPool1d(4), nn.Flatten()
    )


def waves(n, length=32):
    t = torch.linspace(0, 1, length)
    freq, phase = torch.randint(1, 6, (n, 1)), torch.rand(n, 2, 1, 1)
    clean = torch.sin(2 * torch.pi * (freq[:, None] * t + phase.squeeze(-1)))
    noisy = clean + 0.1 * torch.randn_like(clean)
    return noisy[:, :1], noisy[:, 1:]


torch.manual_seed(0)
learner = BYOL(backbone(), d_rep=32, total=24)
opt = torch.optim.AdamW(learner.trainable(), lr=3e-3, weight_decay=1e-4)
for step in range(24):
    loss = learner(*waves(48))
    opt.zero_grad()
    loss.backward()
    opt.step()
    learner.follow()
    if step % 6 == 0:
        pairs = zip(learner.online.parameters(), learner.target.parameters())
        gap = sum((a - b).norm().item() for a, b in pairs)
        print(f"step {step:2d}  loss {loss.item():.4f}  gap to target {gap:.3f}")
