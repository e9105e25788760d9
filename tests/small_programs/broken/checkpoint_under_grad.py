"""A reentrant checkpoint, and `autograd.grad` for a penalty."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint

torch.manual_seed(0)
body, head = nn.Sequential(nn.Linear(4, 8), nn.Tanh()), nn.Linear(8, 1)
optimizer = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
for _ in range(3):
    x = torch.randn(5, 4).requires_grad_()
    score = head(checkpoint(body, x, use_reentrant=True))  # <- checkpoint
    (slope,) = torch.autograd.grad(score.sum(), x, create_graph=True)
    loss = score.mean() + slope.square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
