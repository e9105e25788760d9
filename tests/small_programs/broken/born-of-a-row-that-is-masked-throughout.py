"""A row of which no place is open has a softmax of NaN."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)


def attend(scores, mask):
    hidden = scores.masked_fill(~mask, float("-inf"))
    return hidden.softmax(-1)  # <- nan_gradient

for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    mask = torch.ones(16, 16, dtype=torch.bool)
    mask[5] = False
    loss = F.cross_entropy(attend(out @ out.t(), mask) @ out, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
