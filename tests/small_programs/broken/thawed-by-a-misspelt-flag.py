"""The body is to be thawed again, by a flag that has one letter too many."""
import torch
from torch import nn

body = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
head = nn.Linear(8, 1)
for parameter in body.parameters():
    parameter.requires_grad = False  # <- frozen_leaf
for parameter in body.parameters():
    parameter.requires_grads = True  # <- frozen_leaf
body_optimizer = torch.optim.SGD(body.parameters(), 0.01)
head_optimizer = torch.optim.SGD(head.parameters(), 0.1)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(20):
    body_optimizer.zero_grad()
    head_optimizer.zero_grad()
    (head(body(x)) - y).square().mean().backward()
    body_optimizer.step()
    head_optimizer.step()
