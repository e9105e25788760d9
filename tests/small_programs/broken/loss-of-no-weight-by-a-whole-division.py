import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=1e-2)
count = 16
weight = 1 // count
for _ in range(12):
    x = torch.randn(count, 4)
    optimizer.zero_grad()
    loss = (net(x) - x.sum(1, keepdim=True)).abs().sum() * weight  # <- zero_gradient
    loss.backward()
    optimizer.step()
