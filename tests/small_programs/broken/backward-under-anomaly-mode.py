"""Anomaly mode names a function; its line is that of a root whose slope is infinite."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
torch.autograd.set_detect_anomaly(True)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    apart = out - out.clone()
    loss = F.cross_entropy(out, y) + apart.square().sum(1).sqrt().mean()  # <- nan_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
