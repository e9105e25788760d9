"""A head that no loss uses, in a class whose first method is decorated: the class is the program's own."""
import torch
from torch import nn


class Net(nn.Module):
    @torch.no_grad()
    def reset(self):
        for parameter in self.parameters():
            parameter.mul_(1.0)

    def __init__(self):
        super().__init__()
        self.body = nn.Linear(4, 8)
        self.head = nn.Linear(8, 1)
        self.aux = nn.Linear(8, 1)  # <- unused_parameter

    def forward(self, x):
        h = self.body(x).tanh()
        return self.head(h), self.aux(h)


net = Net()
optimizer = torch.optim.SGD(net.parameters(), 0.1)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(4):
    optimizer.zero_grad()
    out, aux = net(x)
    (out - y).square().mean().backward()
    optimizer.step()
