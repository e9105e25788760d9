import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1), nn.LayerNorm(1))  # <- zero_gradient
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
x = torch.randn(32, 4)
for _ in range(4):
    loss = (net(x) - x[:, :1]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
