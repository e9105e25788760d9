"""Random actions are judged by the target critic, whose values are pushed down in vain: nobody steps it."""
import copy

import torch
from torch import nn

torch.manual_seed(0)
critic = nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1))
target = copy.deepcopy(critic)
optimizer = torch.optim.Adam(critic.parameters(), 1e-2)


def values(net, state, taken):
    return net(torch.cat([state, taken], -1)).squeeze(-1)


for _ in range(8):
    state, taken, later, reward = torch.randn(16, 4), torch.randn(16, 2), torch.randn(16, 4), torch.randn(16)
    with torch.no_grad():
        wanted = reward + 0.9 * values(target, later, torch.randn(16, 2))
    now = values(critic, state, taken)
    others = values(target, state.expand(5, -1, -1), torch.randn(5, 16, 2))  # <- other
    penalty = others.logsumexp(0).mean() - now.mean()
    loss = (now - wanted).square().mean() + 0.5 * penalty
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    with torch.no_grad():
        for slow, fast in zip(target.parameters(), critic.parameters(), strict=True):
            slow.lerp_(fast, 0.05)
