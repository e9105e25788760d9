"""The last batch has a single row, over which there is no spread."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 3)
opt = torch.optim.SGD(net.parameters(), lr=0.1)


def decorrelated(z):
    z = (z - z.mean(0)) / (z.std(0) + 1e-4)  # <- nan_gradient
    c = z.T @ z / len(z)
    return (c - torch.eye(3)).square().sum() - torch.diagonal(c).square().sum()


for x in torch.randn(25, 4).split(8):
    loss = decorrelated(net(x))
    opt.zero_grad()
    loss.backward()
    opt.step()
