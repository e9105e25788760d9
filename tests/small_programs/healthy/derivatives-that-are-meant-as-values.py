"""Derivatives without a graph: as weights, as a step of an attack or of a chain, as targets of another network, as a direction for an actor, as a target of rewards."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def network(given, made):
    return nn.Sequential(nn.Linear(given, 8), nn.Tanh(), nn.Linear(8, made))


def weighted(net, other, x, y):
    u = net(x)
    (slope,) = torch.autograd.grad(u.sum(), x, retain_graph=True)
    return ((u - y).pow(2) * (1 + slope.norm(dim=1, keepdim=True))).mean()


def attacked(net, other, x, y):
    (slope,) = torch.autograd.grad(F.mse_loss(net(x), y), x)
    return F.mse_loss(net(x + 0.1 * slope.sign()), y) + F.mse_loss(net(x + 0.1 * slope), y)


def sampled(net, other, x, y):
    real = x
    for _ in range(3):
        (slope,) = torch.autograd.grad(net(x).sum(), x)
        x = (x - 0.1 * slope + 0.01 * torch.randn_like(x)).requires_grad_()
    return net(real).mean() - net(x).mean() + 0.1 * (net(real) ** 2 + net(x) ** 2).mean()


def taught(net, other, x, y):
    u = net(x)
    (slope,) = torch.autograd.grad(u.sum(), x, retain_graph=True)
    return F.mse_loss(u, y) + (slope - other(x)[:, :3]).pow(2).mean()


def directed(net, other, x, y):
    action = other(x)[:, :3]
    (slope,) = torch.autograd.grad(net(action).sum(), action, retain_graph=True)
    better = action.detach() + 0.1 * slope
    return (action - better).pow(2).mean() + F.mse_loss(net(x), y)


def rewarded(net, other, x, y):
    u = net(x)
    (slope,) = torch.autograd.grad(u.sum(), x, retain_graph=True)
    target = y + (slope * torch.tanh(x.detach())).sum(1, keepdim=True)
    return F.mse_loss(u, target) + (u - target).pow(2).mean()


def held_constant(net, other, x, y):
    u = net(x)
    (slope,) = torch.autograd.grad(u.sum(), x, retain_graph=True)
    return (slope[:, :1].detach() + u - y).pow(2).mean()


def with_graph(net, other, x, y):
    u = net(x)
    (slope,) = torch.autograd.grad(u.sum(), x, create_graph=True)
    return (slope[:, :1] + u - y).pow(2).mean()


for loss_of in (weighted, attacked, sampled, taught, directed, rewarded, held_constant, with_graph):
    net, other = network(3, 1), network(3, 4)
    optimizer = torch.optim.Adam([*net.parameters(), *other.parameters()], lr=1e-2)
    for _ in range(3):
        x = torch.randn(16, 3, requires_grad=True)
        y = torch.randn(16, 1)
        loss = loss_of(net, other, x, y) + 0.1 * F.mse_loss(other(x.detach()), y.expand(16, 4))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
