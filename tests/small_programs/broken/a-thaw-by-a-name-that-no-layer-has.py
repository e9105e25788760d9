import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.alignment = nn.Linear(4, 4)
        self.head = nn.Linear(4, 1)

    def forward(self, x):
        return self.head(self.alignment(x).relu())


torch.manual_seed(0)
net = Net()
net.requires_grad_(False)  # <- frozen_leaf
for name, parameter in net.named_parameters():
    if "aligner" in name:
        parameter.requires_grad = True
net.head.requires_grad_(True)
optimizer = torch.optim.SGD(net.parameters(), lr=0.05)
for _ in range(4):
    optimizer.zero_grad()
    (net(torch.randn(8, 4)) - 1).square().mean().backward()
    optimizer.step()
