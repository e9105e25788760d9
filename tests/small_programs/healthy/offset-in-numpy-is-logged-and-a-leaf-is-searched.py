import numpy as np
import torch
from torch import nn

torch.manual_seed(0)


def offset(made, wanted):
    apart = made.detach().numpy() - wanted.numpy()
    return float(np.abs(apart).mean())


def start(images):
    noise = np.random.default_rng(0).normal(size=images.shape) * 0.01
    return torch.tensor(noise, dtype=torch.float32, requires_grad=True)


net = nn.Conv2d(3, 3, 3, padding=1)
opt = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(4):
    x, y = torch.rand(2, 3, 8, 8), torch.rand(2, 3, 8, 8)
    worst = start(x)
    for _ in range(2):
        gain = (net(x + worst) - y).abs().mean() - worst.square().sum()
        (slope,) = torch.autograd.grad(gain, worst)
        worst = (worst + 0.1 * slope).detach().requires_grad_()
    made = net(x + worst.detach())
    print(offset(made, y))
    loss = (made - y).abs().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
