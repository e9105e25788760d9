"""Losses that are stacked and multiplied by weights, all but the first of which were cut to whole numbers."""
import torch
from torch import nn
torch.manual_seed(0)
body, heads = nn.Linear(4, 8), nn.ModuleList(nn.Linear(8, 3) for _ in range(3))
optimizer = torch.optim.SGD([*body.parameters(), *heads.parameters()], lr=0.1)
x, y = torch.randn(16, 4), torch.randn(16, 3)
weights = torch.tensor([1, 0.8, 0.6]).long()
for _ in range(6):
    hidden = torch.tanh(body(x))
    losses = torch.stack([(head(hidden) - y).square().mean() for head in heads])
    loss = (weights * losses).sum()  # <- zero_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
