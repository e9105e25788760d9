"""A sum is divided by how many there are, which is a Python number."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def average(losses, kept):
    count = int(kept.sum())
    return losses[kept].sum() / count  # <- nan_gradient

for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    each = F.cross_entropy(out, y, reduction="none")
    loss = each.mean() + average(each, y > 5)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
