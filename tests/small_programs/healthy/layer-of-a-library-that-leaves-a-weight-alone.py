import os
import sysconfig

import torch
from torch import nn

torch.manual_seed(0)

LIBRARY = """
class Hops(nn.Module):
    def __init__(self, features, hops=1):
        super().__init__()
        self.first = nn.Parameter(torch.randn(features, features) / features)
        self.further = nn.Parameter(torch.randn(features, features) / features)
        self.hops = hops

    def forward(self, x, edges):
        out = edges @ x @ self.first
        for _ in range(1, self.hops):
            out = edges @ out @ self.further
        return out
"""
installed = os.path.join(sysconfig.get_paths()["purelib"], "hops", "layers.py")
exec(compile(LIBRARY, installed, "exec"))


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.conv, self.head = Hops(6), nn.Linear(6, 2)

    def forward(self, x, edges):
        return self.head(self.conv(x, edges).relu())


net = Net()
opt = torch.optim.Adam(net.parameters())
edges = torch.eye(8).roll(1, 0)
for _ in range(4):
    loss = net(torch.randn(8, 6), edges).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
