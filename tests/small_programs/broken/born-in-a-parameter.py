"""A parameter of memory that nobody has written yet."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
scale = nn.Parameter(torch.full((3,), float("nan")))  # <- nan_gradient
optimizer.add_param_group({"params": [scale]})
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    loss = F.cross_entropy(out * scale, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
