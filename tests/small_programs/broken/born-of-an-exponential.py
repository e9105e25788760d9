"""An exponential overflows, and infinity over infinity is NaN: the overflow is why."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    grown = torch.exp(out * 1000)  # <- nan_gradient
    share = grown / grown.sum(-1, keepdim=True)
    loss = -share[torch.arange(16), y].mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
