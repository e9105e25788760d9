"""Gradients are cleared after the backward that attacks the images, and rightly; the zeros come of the sign."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(6, 8), nn.Linear(8, 3)

    def forward(self, x):
        return self.last(self.first(x).sign())  # <- zero_gradient


def attacked(net, x, y):
    x = x.clone().requires_grad_()
    F.cross_entropy(net(x), y).backward()
    direction = x.grad.sign()
    net.zero_grad()
    return (x + 0.1 * direction).detach()


net = Net()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(5):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    loss = F.cross_entropy(net(attacked(net, x, y)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
