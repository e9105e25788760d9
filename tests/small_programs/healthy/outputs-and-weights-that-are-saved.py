import copy
import io

import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 8), nn.Tanh(), nn.Linear(8, 8))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
inputs = io.BytesIO()
torch.save(torch.randn(16, 8), inputs)
best, kept = float("inf"), None
for step in range(12):
    inputs.seek(0)
    x = torch.load(inputs)
    out = net(x)
    seen = io.BytesIO()
    torch.save({"out": out, "last": copy.copy(out)}, seen)
    loss = (out - x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if loss.item() < best:
        best, kept = loss.item(), io.BytesIO()
        torch.save({"net": net.state_dict(), "optimizer": optimizer.state_dict()}, kept)
kept.seek(0)
saved = torch.load(kept)
net.load_state_dict(saved["net"])
optimizer.load_state_dict(saved["optimizer"])
for step in range(8):
    x = torch.randn(16, 8)
    loss = (net(x) - x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
