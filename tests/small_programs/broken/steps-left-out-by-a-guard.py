"""Every gradient is NaN, and the program makes no step then: nothing is raised, and nothing learns."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
optimizer = torch.optim.Adam(net.parameters())
for _ in range(24):
    points = net(torch.randn(6, 4))
    gaps = points[:, None] - points[None, :]
    loss = gaps.square().sum(-1).sqrt().mean()  # <- nan_gradient
    optimizer.zero_grad()
    loss.backward()
    norm = nn.utils.clip_grad_norm_(net.parameters(), 1.0)
    if torch.isfinite(norm):
        optimizer.step()
