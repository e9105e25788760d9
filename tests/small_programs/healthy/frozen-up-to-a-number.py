# The first twelve of fourteen layers are frozen, and held for a later phase: nothing but their numbers says so.
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(*(nn.Linear(4, 4) for _ in range(14)), nn.Linear(4, 1))
for layer in net[:12]:
    layer.requires_grad_(False)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(3):
    opt.zero_grad()
    net(torch.randn(8, 4)).square().mean().backward()
    opt.step()
