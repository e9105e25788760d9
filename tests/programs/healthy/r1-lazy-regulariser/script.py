import copy

import torch
import torch.nn as nn
import torch.nn.functional as F

R1_GAMMA, R1_EVERY = 1.0, 4


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.Softplus()]
    return nn.Sequential(*layers[:-1])


@torch.no_grad()
def update_average(average, model, decay=0.95):
    for slow, fast in zip(average.parameters(), model.parameters()):
        slow.lerp_(fast, 1 - decay)


def r1(dis, real):
    real = real.detach().requires_grad_(True)
    (g,) = torch.autograd.grad(dis(real).sum(), real, create_graph=True)
    return g.square().sum(1).mean()


class toggled:
    """Requires grad only inside the block."""

    def __init__(self, module):
        self.module = module

    def __enter__(self):
        self.module.requires_grad_(True)

    def __exit__(self, *exc):
        self.module.requires_grad_(False)


torch.manual_seed(0)
gen, dis = mlp(4, 32, 2), mlp(2, 32, 32, 1)
gen_ema = copy.deepcopy(gen).eval()
opt_g = torch.optim.Adam(gen.parameters(), lr=2e-3, betas=(0.0, 0.99))
opt_d = torch.optim.Adam(dis.parameters(), lr=2e-3, betas=(0.0, 0.99))
gen.requires_grad_(False)
dis.requires_grad_(False)
for step in range(24):
    t = torch.rand(64) * 4 - 2
    real = torch.stack([t, t.sin()], 1)
    with toggled(dis):
        fake = gen(torch.randn(64, 4))
        loss_d = F.softplus(dis(fake)).mean() + F.softplus(-dis(real)).mean()
        opt_d.zero_grad(set_to_none=True)
        loss_d.backward()
        if step % R1_EVERY == 0:
            penalty = 0.5 * R1_GAMMA * R1_EVERY * r1(dis, real)
            penalty.backward()
        opt_d.step()
    with toggled(gen):
        loss_g = F.softplus(-dis(gen(torch.randn(64, 4)))).mean()
        opt_g.zero_grad(set_to_none=True)
        loss_g.backward()
        opt_g.step()
    update_average(gen_ema, gen)
with torch.inference_mode():
    sample = gen_ema(torch.randn(256, 4))
print(f"d {loss_d.item():.3f} g {loss_g.item():.3f} r1 {penalty.item():.3f} sample {sample.mean(0).tolist()}")
