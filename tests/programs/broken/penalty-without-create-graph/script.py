import torch
import torch.nn as nn

from penalty import gradient_penalty


def critic():
    return nn.Sequential(nn.Linear(2, 32), nn.LeakyReLU(0.2), nn.Linear(32, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1, bias=False))


def ring(n, radius):
    angle = 6.28 * torch.rand(n)
    return radius * torch.stack([angle.cos(), angle.sin()], 1) + 0.05 * torch.randn(n, 2)


torch.manual_seed(0)
net = critic()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3, betas=(0.0, 0.9))
for step in range(12):
    real, fake = ring(48, 1.0), ring(48, 2.0)
    distance = net(real).mean() - net(fake).mean()
    penalty = gradient_penalty(net, real, fake)
    loss = -distance + 10.0 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 4 == 0:
        print(f"step {step} distance {distance.item():.4f} penalty {penalty.item():.4f}")
