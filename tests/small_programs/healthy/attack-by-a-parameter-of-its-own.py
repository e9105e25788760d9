import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.Adam(net.parameters())


def attacked(x, y):
    delta = nn.Parameter(torch.zeros_like(x))
    F.cross_entropy(net(x + delta), y).backward()
    return (x + 0.1 * delta.grad.sign()).detach()


def fitted(x):
    code = nn.Parameter(torch.zeros(len(x), 6))
    inner = torch.optim.SGD([code], 0.1)
    for _ in range(2):
        inner.zero_grad()
        (net(code) - net(x).detach()).square().mean().backward()
        inner.step()
    return code.detach()


def penalty(x):
    point = nn.Parameter(x)
    (slope,) = torch.autograd.grad(net(point).sum(), point, create_graph=True)
    return slope.square().sum(1).mean()


for _ in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    x = attacked(x, y) + 0.1 * fitted(x)
    loss = F.cross_entropy(net(x), y) + 0.1 * penalty(x)
    opt.zero_grad()
    loss.backward()
    opt.step()
