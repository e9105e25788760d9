import torch
from torch import nn

torch.manual_seed(0)
near, far = nn.Linear(4, 1), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*near.parameters(), *far.parameters()], lr=0.05)
optimizer.zero_grad()
for step in range(8):
    x = torch.randn(8, 4)
    penalty = near(x).detach().square().mean()  # <- detach
    loss = (near(x) - 1).square().mean() + (far(x) + 1).square().mean() + penalty
    loss /= 2
    loss.backward()
    if step % 2:
        optimizer.step()
        optimizer.zero_grad()
