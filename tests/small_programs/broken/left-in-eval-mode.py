"""A head that is there in training alone learns until the first evaluation, after which the model stays in eval mode."""
import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head, self.extra = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 1)

    def forward(self, x):
        hidden = torch.tanh(self.body(x))
        out = self.head(hidden)
        return out + 0.3 * self.extra(hidden) if self.training else out


def error(net, x, y):
    net.eval()  # <- unused_parameter
    with torch.no_grad():
        return (net(x) - y).square().mean()


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(16, 4), torch.randn(16, 1)
net.train()
for epoch in range(3):
    for _ in range(4):
        optimizer.zero_grad()
        (net(x) - y).square().mean().backward()
        optimizer.step()
    error(net, x, y)
