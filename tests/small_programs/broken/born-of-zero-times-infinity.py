"""A logarithm of 0 is infinite, and zero times that is NaN; the gradients are finite all the same."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    p = out.relu()
    entropy = p * torch.log(p)  # <- nan_gradient
    loss = F.cross_entropy(out, y) + entropy.mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
