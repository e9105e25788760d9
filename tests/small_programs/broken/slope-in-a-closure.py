import torch
from torch import nn

torch.manual_seed(0)


def swish(width):
    slope = nn.Parameter(torch.ones(width))  # <- unregistered_parameter
    return lambda x: x * torch.sigmoid(slope * x)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.act, self.last = nn.Linear(4, 8), swish(8), nn.Linear(8, 1)

    def forward(self, x):
        return self.last(self.act(self.first(x)))


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=0.01)
for _ in range(4):
    opt.zero_grad()
    net(torch.randn(6, 4)).square().mean().backward()
    opt.step()
