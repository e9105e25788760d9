import random

import torch
from torch import nn


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.trunk, self.mean, self.deviation = nn.Linear(2, 8), nn.Linear(8, 1), nn.Linear(8, 1)

    def forward(self, state):
        hidden = self.trunk(state).relu()
        mean = self.mean(hidden)
        return mean + torch.randn_like(mean) * self.deviation(hidden).exp()


random.seed(1)
torch.manual_seed(1)
actor, critic = Actor(), nn.Sequential(nn.Linear(3, 8), nn.ReLU(), nn.Linear(8, 1))
of_actor, of_critic = (torch.optim.Adam(one.parameters(), lr=1e-3) for one in (actor, critic))
replay, state = [], torch.randn(2)
for step in range(60):
    with torch.no_grad():
        action = actor(state[None])[0]
    following = state + 0.1 * torch.stack([state[1], action[0]])
    replay.append((state, action, -following.square().sum()))
    state = torch.randn(2) if step % 10 == 9 else following
    if len(replay) < 20:
        continue
    states, actions, rewards = map(torch.stack, zip(*random.sample(replay, 8)))
    of_critic.zero_grad()
    (critic(torch.cat([states, actions], 1))[:, 0] - rewards).square().mean().backward()
    of_critic.step()
    if step % 2:
        of_actor.zero_grad()
        (-critic(torch.cat([states, actor(states)], 1))).mean().backward()
        of_actor.step()
