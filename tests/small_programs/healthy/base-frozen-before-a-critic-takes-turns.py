import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def learns(model, flag):
    for parameter in model.parameters():
        parameter.requires_grad_(flag)


g, base, critic = nn.Linear(4, 8), nn.Linear(8, 8), nn.Linear(8, 1)
learns(base, False)
opt_g = torch.optim.Adam(g.parameters())
opt_d = torch.optim.Adam([*base.parameters(), *critic.parameters()])
for _ in range(4):
    learns(critic, False)
    opt_g.zero_grad()
    F.softplus(-critic(base(g(torch.randn(16, 4))))).mean().backward()
    opt_g.step()
    learns(critic, True)
    opt_d.zero_grad()
    real, fake = torch.randn(16, 8), g(torch.randn(16, 4)).detach()
    (F.softplus(-critic(base(real))) + F.softplus(critic(base(fake)))).mean().backward()
    opt_d.step()
