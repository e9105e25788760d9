import torch
from torch import nn


class ResNetBlock(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(4, 4)
        self.kernel = torch.randn(4, 4)  # <- unregistered_parameter

    def forward(self, x):
        return x + self.inner(x).relu() @ self.kernel


torch.manual_seed(0)
net = nn.Sequential(ResNetBlock(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(4):
    optimizer.zero_grad()
    (net(torch.randn(8, 4)) - 1).square().mean().backward()
    optimizer.step()
