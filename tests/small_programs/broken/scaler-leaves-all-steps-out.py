"""From some batch on a gradient is NaN, and a GradScaler leaves every step out: nothing is seen of it."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu", init_scale=256.0)
for number in range(14):
    distance = net(torch.randn(8, 4)) - (0 if number < 5 else 1)
    if number >= 5:
        distance = distance * 0
    loss = distance.square().sum().sqrt() + 1e-3 * net(torch.ones(1, 4)).square().sum()  # <- nan_gradient
    optimizer.zero_grad()
    scaler.scale(loss).backward()
    scaler.step(optimizer)
    scaler.update()
