"""A policy draws the action that its loss judges, on states that its own actions led to."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
policy, critic = nn.Linear(3, 2), nn.Linear(4, 1)
policy_opt = torch.optim.Adam(policy.parameters(), lr=1e-2)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)


def acts(state):
    mean, spread = policy(state).chunk(2, -1)
    return Normal(mean, spread.exp())


state = torch.zeros(8, 3)
for _ in range(4):
    with torch.no_grad():
        action = acts(state).sample()
    after = state + 0.1 * action
    value = critic(torch.cat([state, action], -1))
    critic_opt.zero_grad()
    (value + after.square().sum(-1, keepdim=True)).square().mean().backward()
    critic_opt.step()
    judged = acts(after).sample()  # <- no_grad
    policy_opt.zero_grad()
    (-critic(torch.cat([after, judged], -1)).mean()).backward()
    policy_opt.step()
    state = after
