"""The weight of the last layer to balance two losses by: its norm is apart, so each reading computes it anew."""
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.last = nn.Linear(4, 4), weight_norm(nn.Linear(4, 1))

    def forward(self, x):
        return self.last(torch.tanh(self.body(x)))

    def last_weight(self):
        return self.last.weight  # <- rebuilt_leaf


net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(16, 4), torch.randn(16, 1)
for step in range(4):
    out = net(x)
    one, other = (out - y).square().mean(), (out - 1).abs().mean()
    weight = net.last_weight()
    slopes = [torch.autograd.grad(loss, weight, retain_graph=True)[0] for loss in (one, other)]
    loss = one + slopes[0].norm() / (slopes[1].norm() + 1e-4) * other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
