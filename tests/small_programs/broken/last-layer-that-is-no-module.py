import torch
import torch.nn.functional as F
from torch import nn


class Output:
    def __init__(self, width, size):
        self.weight = nn.Parameter(torch.randn(size, width) * 0.1)  # <- unregistered_parameter
        self.bias = nn.Parameter(torch.zeros(size))

    def __call__(self, x):
        return F.linear(x, self.weight, self.bias)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 8), nn.Tanh())
        self.output = Output(8, 3)

    def forward(self, x):
        return self.output(self.body(x))


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for step in range(12):
    x = torch.randn(8, 4)
    loss = F.cross_entropy(net(x), x.argmax(1) % 3)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
