"""The critic is to have slopes of one at points between: they are read of `.grad`, which has no graph."""
import torch
from torch import nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(3, 16), nn.LeakyReLU(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(critic.parameters(), lr=1e-3)


def penalty(real, fake):
    share = torch.rand(len(real), 1)
    between = (share * real + (1 - share) * fake).requires_grad_()
    critic(between).sum().backward()
    slope = between.grad  # <- graph_not_created
    return ((slope.norm(2, dim=1) - 1) ** 2).mean()


for _ in range(5):
    real, fake = torch.randn(16, 3), torch.randn(16, 3) + 1
    extra = penalty(real, fake)
    optimizer.zero_grad()
    loss = critic(fake).mean() - critic(real).mean() + 10 * extra
    loss.backward()
    optimizer.step()
