"""A gradient reversal that is a module: autograd never calls its `backward`."""

import torch
import torch.nn.functional as F
from torch import nn


class Reversal(nn.Module):
    def __init__(self, weight):
        super().__init__()
        self.weight = weight

    def forward(self, x):
        return x.view_as(x)

    def backward(self, grad):  # <- custom_function
        return -self.weight * grad


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder, self.label = nn.Linear(4, 6), nn.Linear(6, 2)
        self.domain = nn.Sequential(Reversal(0.3), nn.Linear(6, 2))

    def forward(self, x):
        hidden = torch.tanh(self.encoder(x))
        return self.label(hidden), self.domain(hidden)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    label, domain = net(torch.randn(5, 4))
    optimizer.zero_grad()
    loss = F.cross_entropy(label, torch.randint(2, (5,))) + F.cross_entropy(domain, torch.randint(2, (5,)))
    loss.backward()
    optimizer.step()
