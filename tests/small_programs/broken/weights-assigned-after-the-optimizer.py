"""A checkpoint is loaded with `assign=True`: its tensors take the place of those that the optimizer holds."""
import io

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
for step in range(12):
    x = torch.randn(16, 4)
    loss = (net(x) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step == 3:
        kept = io.BytesIO()
        torch.save(net.state_dict(), kept)
        kept.seek(0)
        net.load_state_dict(torch.load(kept), assign=True)  # <- rebuilt_leaf
