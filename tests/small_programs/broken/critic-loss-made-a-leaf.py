"""The loss of a critic is detached and told to require grad, and its half is what backward begins at; a penalty
trains the critic now and then."""

import torch
from torch import nn
from torch.nn.functional import softplus

torch.manual_seed(0)
maker, critic = nn.Linear(3, 4), nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt_m, opt_c = torch.optim.Adam(maker.parameters(), 1e-3), torch.optim.Adam(critic.parameters(), 1e-3)
for step in range(12):
    opt_c.zero_grad()
    for _ in range(2):
        with torch.no_grad():
            fake = maker(torch.randn(6, 3))
        loss = softplus(critic(fake)).mean() + softplus(-critic(torch.randn(6, 4))).mean()
        loss = loss.detach().requires_grad_()  # <- fresh_leaf_loss
        (loss / 2).backward()
    opt_c.step()
    if step % 4 == 0:
        real = torch.randn(6, 4, requires_grad=True)
        (slope,) = torch.autograd.grad(critic(real).sum(), real, create_graph=True)
        opt_c.zero_grad()
        slope.square().sum().backward()
        opt_c.step()
    critic.requires_grad_(False)
    opt_m.zero_grad()
    softplus(-critic(maker(torch.randn(6, 3)))).mean().backward()
    opt_m.step()
    critic.requires_grad_(True)
