import torch
from torch import nn
from torch.func import functional_call, grad

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
params = dict(net.named_parameters())


def compute(params, x, y):
    return (functional_call(net, params, (x,)) - y).pow(2).mean()


def update(params, grads):
    return {name: one - 0.1 * grads[name] for name, one in params.items()}  # <- other or rebuilt_leaf


for step in range(10):
    x = torch.randn(8, 4)
    grads = grad(compute)(params, x, x.sum(1, keepdim=True))
    update(params, grads)
