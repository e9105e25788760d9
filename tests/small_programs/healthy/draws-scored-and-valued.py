# Actions are drawn: the policy learns by their probability, the critic by what they are worth.
import torch, torch.nn as nn
from torch.distributions import Normal
torch.manual_seed(0)

policy, critic = nn.Linear(3, 2), nn.Linear(4, 1)
opt = torch.optim.Adam([*policy.parameters(), *critic.parameters()])
for _ in range(3):
    state = torch.randn(32, 3)
    mean, spread = policy(state).chunk(2, dim=1)
    choice = Normal(mean, spread.exp())
    action = choice.sample()
    reward = -(action - state[:, :1]).square()
    value = critic(torch.cat([state, action], 1))
    advantage = (reward - value).detach()
    loss = (value - reward).square().mean() - (choice.log_prob(action) * advantage).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
