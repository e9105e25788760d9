import torch


def mix(a, b):
    eps = torch.rand(len(a), 1)
    return (eps * a + (1 - eps) * b).requires_grad_()


def slope(net, x):
    return torch.autograd.grad(net(x).sum(), x)[0]


def gradient_penalty(net, real, fake, goal=1.0):
    return (slope(net, mix(real, fake)).norm(dim=1) - goal).square().mean()
