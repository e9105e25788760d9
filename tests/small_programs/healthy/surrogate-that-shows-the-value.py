"""A surrogate has the gradient of the log-probabilities and shows the value of the critic, which learns beside it."""

import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy, critic = nn.Linear(4, 3), nn.Linear(7, 1)
optimizer = torch.optim.Adam([*policy.parameters(), *critic.parameters()], lr=1e-3)
for _ in range(4):
    state = torch.randn(32, 4)
    chances = Categorical(logits=policy(state))
    action = chances.sample()
    value = critic(torch.cat([state, F.one_hot(action, 3).float()], dim=1)).squeeze(1)
    surrogate = chances.log_prob(action) * value.detach()
    shown = surrogate + (value - surrogate).detach()
    loss = -shown.mean() + (value - state[torch.arange(32), action]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
