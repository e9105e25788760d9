"""Gradients of many batches are summed, and the few sums that a bad batch has spoilt are thrown away."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for number in range(80):
    x = torch.randn(8, 4)
    loss = (net(x) - x.sum(1, keepdim=True)).square().mean() / 10
    if number in (25, 57):
        loss = loss * float("inf") * 0
    loss.backward()
    if number % 10 == 9:
        norm = nn.utils.clip_grad_norm_(net.parameters(), 10.0)
        if torch.isfinite(norm):
            optimizer.step()
        optimizer.zero_grad()
