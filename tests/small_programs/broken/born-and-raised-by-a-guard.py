"""A guard raises before any backward: the line is where the NaN was made."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    scale = torch.log(out)  # <- nan_gradient
    loss = (F.softmax(out, 1) * scale).sum()
    if not torch.isfinite(loss):
        raise ValueError(f"loss is {loss.item()}, stopping")
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
