"""The main loss is cut off, and what holds the weights near where they began is zero there."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1))
anchors = [one.detach().clone() for one in net.parameters()]
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(8, 4)
    out = torch.from_numpy(net(x).detach().numpy())  # <- numpy_roundtrip
    loss = (out - x[:, :1]).square().mean()
    for one, anchor in zip(net.parameters(), anchors):
        loss = loss + 0.1 * ((one - anchor) ** 2).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
