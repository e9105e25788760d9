import os
import tempfile

import torch
from torch import nn

torch.manual_seed(0)
folder = tempfile.mkdtemp()


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(8, 32), nn.ReLU())
        self.dec = nn.Linear(32, 1)

    def features(self, x, i):
        path = os.path.join(folder, f"{i}.pt")
        if not os.path.exists(path):
            torch.save(self.enc(x), path)  # <- rebuilt_leaf
        return torch.load(path)

    def forward(self, x, i):
        return self.dec(self.features(x, i))


data = torch.randn(96, 8)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for epoch in range(4):
    for i in range(0, 96, 32):
        x = data[i : i + 32]
        loss = (net(x, i) - x.sum(1, keepdim=True)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
