"""A lazy module is given its shape by a first batch, and never used again."""
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.LazyLinear(4)
        self.gate = nn.LazyLinear(4)  # <- unused_parameter
        self.head = nn.LazyLinear(1)

    def forward(self, x, first=False):
        hidden = self.body(x).relu()
        if first:
            self.gate(x)
        return self.head(hidden)


net = Net()
net(torch.zeros(1, 6), first=True)
optimizer = torch.optim.Adam(net.parameters())
for step in range(4):
    loss = net(torch.randn(8, 6)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
