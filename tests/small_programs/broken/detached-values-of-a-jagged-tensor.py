"""Rows of different lengths in a jagged nested tensor, one of whose sizes is no number."""
import torch
from torch import nn

net, head = nn.Linear(4, 8), nn.Linear(8, 1)
optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], 0.1)
for _ in range(4):
    batch = torch.nested.nested_tensor([torch.randn(2, 4), torch.randn(3, 4)], layout=torch.jagged)
    hidden = net(batch).detach()  # <- detach
    loss = head(hidden).values().square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
