"""What `.grad` holds is read: to be printed beside the loss, as a weight of it, as a target, for an attack, for a step away and back, as importances, to share out weights."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


def derived(net, x, y):
    x = x.clone().requires_grad_()
    F.mse_loss(net(x), y).backward()
    return x.grad


def printed(net, old, x, y):
    slope = derived(net, x, y)
    print(slope.norm().item())
    net.zero_grad()
    loss = F.mse_loss(net(x), y)
    print((loss + slope.norm()).item())
    return loss


def let_go(net, old, x, y):
    slope = derived(net, x, y)
    net.zero_grad()
    return F.mse_loss(net(x), y) + 0.1 * slope.norm().detach()


def weighted(net, old, x, y):
    slope = derived(net, x, y).norm(dim=1, keepdim=True)
    net.zero_grad()
    weight = slope / slope.mean()
    return (weight * (net(x) - y) ** 2).mean() + 0.1 * (net(x) - y).abs().mean()


def explained(net, old, x, y):
    slope = derived(old, x, y)
    net.zero_grad()
    x = x.clone().requires_grad_()
    (mine,) = torch.autograd.grad(F.mse_loss(net(x), y), x, create_graph=True)
    return F.mse_loss(net(x), y) + (mine - slope).pow(2).mean()


def attacked(net, old, x, y):
    slope = derived(net, x, y)
    net.zero_grad()
    return F.mse_loss(net(x), y) + F.mse_loss(net(x + 0.1 * slope.sign()), y)


def important(net, old, x, y):
    F.mse_loss(net(x), y).backward()
    weights = [p.grad.clone() ** 2 for p in net.parameters()]
    net.zero_grad()
    far = [(w * (p - q.detach()) ** 2).sum() for w, p, q in zip(weights, net.parameters(), old.parameters())]
    return F.mse_loss(net(x), y) + sum(far)


def shared_out(net, old, x, y):
    sizes = []
    for term in (F.mse_loss(net(x), y), F.l1_loss(net(x), y)):
        net.zero_grad()
        term.backward()
        sizes.append(net[0].weight.grad.norm())
    net.zero_grad()
    return F.mse_loss(net(x), y) * sizes[1] / sizes[0] + F.l1_loss(net(x), y)


def sharp(net, old, x, y):
    F.mse_loss(net(x), y).backward()
    away = [0.05 * p.grad / (p.grad.norm() + 1e-9) for p in net.parameters()]
    net.zero_grad()
    moved = torch.func.functional_call(net, {n: p + e for (n, p), e in zip(net.named_parameters(), away)}, (x,))
    return F.mse_loss(moved, y) + 0.1 * F.mse_loss(net(x), y)


for loss_of in (printed, let_go, weighted, explained, attacked, important, shared_out, sharp):
    net, old = (nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1)) for _ in range(2))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(3):
        loss = loss_of(net, old, torch.randn(16, 3), torch.randn(16, 1))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
