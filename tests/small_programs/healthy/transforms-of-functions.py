# An ensemble by vmap, inner steps by grad, a jacobian's norm, and targets that nobody learns by: all train.
import torch
from torch import nn
from torch.func import functional_call, grad, jacrev, stack_module_state, vmap

torch.manual_seed(0)
nets = [nn.Sequential(nn.Linear(3, 6), nn.Tanh(), nn.Linear(6, 1)) for _ in range(3)]
params, buffers = stack_module_state(nets)
encoder, base = nn.Linear(5, 3), nets[0]
opt = torch.optim.SGD([*params.values(), *encoder.parameters()], lr=0.1)
each = vmap(lambda p, b, x: functional_call(base, (p, b), (x,)), (0, 0, None))


def inner(weights, x, y):
    return (functional_call(base, weights, (x,)) - y).square().mean()


for _ in range(3):
    x, y = torch.randn(8, 5), torch.randn(8, 1)
    h = torch.tanh(encoder(x))
    with torch.no_grad():
        target = vmap(lambda one: one.square().sum())(x)[:, None]
    first = {name: p[0] for name, p in params.items()}
    step = grad(inner)(first, h, y)
    moved = {name: p - 0.1 * step[name] for name, p in first.items()}
    steep = vmap(jacrev(lambda one: functional_call(base, moved, (one[None],)).sum()))(h).square().mean()
    loss = (each(params, buffers, h) - y - target).square().mean() + inner(moved, h, y) + 0.1 * steep
    opt.zero_grad()
    loss.backward()
    opt.step()
