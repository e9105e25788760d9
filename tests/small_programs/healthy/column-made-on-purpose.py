"""Each score is kept away from each target, of which a column is made for that."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    x = torch.randn(32, 4)
    scores, targets = net(x).squeeze(-1), torch.randn(32)
    loss = F.softplus(0.1 - (scores - targets.unsqueeze(1)).abs()).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
