"""The gradients of a first loss, whose graph the second one goes through too, are cleared before that."""
import torch
from torch import nn

torch.manual_seed(0)
net, head = nn.Linear(4, 6), nn.Linear(6, 4)
optimizer = torch.optim.Adam([*net.parameters(), *head.parameters()], 1e-2)
for _ in range(8):
    x = torch.randn(16, 4)
    h = net(x)
    sparse = h.abs().mean()
    sparse.backward(retain_graph=True)
    optimizer.zero_grad()  # <- grad_cleared
    (head(h) - x).square().mean().backward()
    optimizer.step()
