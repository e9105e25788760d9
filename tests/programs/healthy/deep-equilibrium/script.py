import torch
import torch.nn as nn
from equilibrium import Cell, Equilibrium


def batch(n=48):
    x = torch.randn(n, 4)
    return x, torch.stack([(x**2).sum(1).sqrt(), x.prod(1)], 1)


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 24), Equilibrium(Cell(24)), nn.Linear(24, 2))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(30):
    x, y = batch()
    loss = nn.functional.mse_loss(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")
net.eval()
with torch.no_grad():
    x, y = batch(200)
    print(f"test {nn.functional.mse_loss(net(x), y).item():.4f}")
