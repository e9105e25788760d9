"""A table with a missing number."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
rows = torch.tensor([[0.5, 1.0, float("nan")], [1.0, 2.0, 3.0]])  # <- nan_gradient
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    known = rows[torch.randint(0, 2, (16,))]
    loss = F.mse_loss(out, known)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
