"""A list of rates is one shorter than that of the blocks, and `zip` ends with the shorter one."""
import torch
from torch import nn


class Block(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.norm = nn.LayerNorm(width)
        self.mix = nn.Linear(width, width)

    def forward(self, x, rate):
        return x + rate * torch.relu(self.mix(self.norm(x)))


class Net(nn.Module):
    def __init__(self, depth=3, width=6):
        super().__init__()
        self.blocks = nn.ModuleList([Block(width) for _ in range(depth)])  # <- unused_parameter
        self.rates = [1 - 0.1 * number for number in range(1, depth)]
        self.head = nn.Linear(width, 1)
        for block in self.blocks:
            nn.init.orthogonal_(block.mix.weight)

    def forward(self, x):
        for block, rate in zip(self.blocks, self.rates):
            x = block(x, rate)
        return self.head(x)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = net(torch.randn(5, 6)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
