"""An assertion without a word of its own, at the third step."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    width = y.float() * (step < 2) + (step < 2)
    loss = F.cross_entropy(out, y) + (out.sum(1) / width).mean() * 0  # <- nan_gradient
    assert torch.isfinite(loss)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
