"""A policy learns from rewards by the density of its draws, and is to stay close to the one that it began as."""
import copy

import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
policy = nn.Linear(4, 4)
first = copy.deepcopy(policy).requires_grad_(False)
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)


def density(net, state, action):
    mean, spread = net(state).chunk(2, 1)
    return Normal(mean, spread.clamp(-2, 2).exp()).log_prob(action).sum(1)


for _ in range(6):
    state = torch.randn(16, 4)
    mean, spread = policy(state).chunk(2, 1)
    action = Normal(mean, spread.clamp(-2, 2).exp()).sample()
    reward = -(action - state[:, :2]).square().sum(1)
    now = density(policy, state, action)
    loss = -(now * reward).mean() + 0.1 * (now - density(first, state, action)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
