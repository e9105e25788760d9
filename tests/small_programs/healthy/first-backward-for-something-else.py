"""A first backward is run for what it tells, and its gradients are cleared before the one that trains."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def data():
    x = torch.randn(16, 4)
    return x, x[:, :2].argmax(1)


def attacked(net):
    """Trained on what an attack makes of its inputs."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        x, y = data()
        x.requires_grad_()
        F.cross_entropy(net(x), y).backward()
        worse = (x + 0.1 * x.grad.sign()).detach()
        optimizer.zero_grad()
        F.cross_entropy(net(worse), y).backward()
        optimizer.step()


class Sharpness:
    """Climbs to the worst point near by, and steps by the gradient there."""

    def __init__(self, parameters):
        self.parameters = list(parameters)
        self.base = torch.optim.SGD(self.parameters, lr=0.1)
        self.away = []

    @torch.no_grad()
    def climb(self):
        self.away = [0.05 * p.grad / (p.grad.norm() + 1e-9) for p in self.parameters]
        for p, e in zip(self.parameters, self.away):
            p.add_(e)
        self.base.zero_grad()

    @torch.no_grad()
    def descend(self):
        for p, e in zip(self.parameters, self.away):
            p.sub_(e)
        self.base.step()
        self.base.zero_grad()


def flat(net):
    optimizer = Sharpness(net.parameters())
    for _ in range(4):
        x, y = data()
        F.cross_entropy(net(x), y).backward()
        optimizer.climb()
        F.cross_entropy(net(x), y).backward()
        optimizer.descend()


def two_tasks(net):
    """Each task's gradients are kept, and put together by hand."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for _ in range(4):
        x, y = data()
        optimizer.zero_grad()
        F.cross_entropy(net(x), y).backward()
        with torch.no_grad():
            kept = [p.grad.clone() for p in net.parameters()]
        optimizer.zero_grad()
        F.cross_entropy(net(-x), y).backward()
        with torch.no_grad():
            for p, other in zip(net.parameters(), kept):
                p.grad += other
        optimizer.step()


def unless_too_large(net):
    """Some batches are given up once their gradient is known."""
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for number in range(8):
        x, y = data()
        F.cross_entropy(net(x), y).backward()
        norm = torch.nn.utils.clip_grad_norm_(net.parameters(), 1.0)
        if norm > 100 or number % 3 == 1:
            optimizer.zero_grad()
            continue
        optimizer.step()
        optimizer.zero_grad()


def second_order(net):
    """The optimizer asks for the loss several times a step."""
    optimizer = torch.optim.LBFGS(net.parameters(), max_iter=4)
    x, y = data()

    def closure():
        optimizer.zero_grad()
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        return loss

    for _ in range(3):
        optimizer.step(closure)


for train in (attacked, flat, two_tasks, unless_too_large, second_order):
    train(nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2)))
