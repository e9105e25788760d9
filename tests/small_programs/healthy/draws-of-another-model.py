# A critic is kept low at actions that the policy draws; the policy has a loss and an optimizer of its own.
import torch, torch.nn as nn
from torch.distributions import Normal
torch.manual_seed(0)

policy, critic = nn.Linear(3, 2), nn.Linear(4, 1)
opt_p, opt_c = torch.optim.Adam(policy.parameters()), torch.optim.Adam(critic.parameters())
for _ in range(3):
    state, action = torch.randn(32, 3), torch.randn(32, 1)
    mean, spread = policy(state).chunk(2, dim=1)
    drawn = Normal(mean, spread.exp()).sample()
    low = critic(torch.cat([state, drawn], 1)).mean()
    fit = (critic(torch.cat([state, action], 1)) - 1).square().mean()
    opt_c.zero_grad()
    (fit + low).backward()
    opt_c.step()
    mean, spread = policy(state).chunk(2, dim=1)
    gain = critic(torch.cat([state, Normal(mean, spread.exp()).rsample()], 1)).mean()
    opt_p.zero_grad()
    (-gain).backward()
    opt_p.step()
