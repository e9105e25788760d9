import torch
from torch import nn
from torch.func import functional_call

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 1))
meta = torch.optim.Adam(net.parameters(), 1e-2)


def adapted(x, y, steps=3, second_order=False):
    fast = dict(net.named_parameters())
    for _ in range(steps):
        loss = (functional_call(net, fast, (x,)) - y).square().mean()
        grads = torch.autograd.grad(loss, [*fast.values()], create_graph=second_order)
        moved = [one - 0.1 * grad for one, grad in zip(fast.values(), grads, strict=True)]
        fast = {name: one.detach().requires_grad_() for name, one in zip(fast, moved, strict=True)}  # <- detach
    return fast


for _ in range(4):
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    loss = (functional_call(net, adapted(x[:4], y[:4]), (x[4:],)) - y[4:]).square().mean()
    meta.zero_grad()
    loss.backward()
    meta.step()
