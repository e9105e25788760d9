"""Nothing is left of what lies in between; halving and squaring do no harm."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def feature(values):
    scale = values.log()  # <- nan_gradient
    halved = scale / 2
    squared = halved.pow(2)
    return squared.clamp(max=9)

for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    with torch.no_grad():
        extra = feature(x[:, :3])
    loss = F.cross_entropy(out + extra, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
