"""A head is thawed and a norm within it stays as it is; all is thawed, and then a backbone is frozen."""
import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6))
head = nn.Sequential(nn.Linear(6, 6), nn.BatchNorm1d(6), nn.Linear(6, 2))
net = nn.Sequential(body, head)
net.requires_grad_(False)
head.requires_grad_(True)
for module in net.modules():
    if isinstance(module, nn.BatchNorm1d):
        module.requires_grad_(False)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(torch.randn(8, 6)), torch.randint(0, 2, (8,))).backward()
    optimizer.step()

net.requires_grad_(False)
net.requires_grad_(True)
for parameter in body.parameters():
    parameter.requires_grad = False
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(torch.randn(8, 6)), torch.randint(0, 2, (8,))).backward()
    optimizer.step()
