import torch
import torch.nn as nn

from centres import CentreLoss

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 2)).double()
criterion = CentreLoss(classes=3, dim=2, dtype=torch.float64)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
means = torch.randn(3, 6, dtype=torch.float64)
for step in range(10):
    y = torch.randint(0, 3, (32,))
    x = means[y] + 0.3 * torch.randn(32, 6, dtype=torch.float64)
    loss = criterion(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    criterion.step(lr=0.5)
print(f"loss {loss.item():.4f}")
