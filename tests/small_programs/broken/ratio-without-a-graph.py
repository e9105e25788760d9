"""PPO draws its actions under no_grad, rightly, and computes the ratio under it as well."""

import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
trunk, policy, critic = nn.Linear(4, 8), nn.Linear(8, 2), nn.Linear(8, 1)
optimizer = torch.optim.Adam([*trunk.parameters(), *policy.parameters(), *critic.parameters()], lr=1e-2)


def act(seen):
    hidden = torch.tanh(trunk(seen))
    return Categorical(logits=policy(hidden)), critic(hidden).squeeze(-1)


for _ in range(3):
    seen, returns = torch.randn(16, 4), torch.randn(16)
    with torch.no_grad():
        draw, value = act(seen)
        action = draw.sample()
        old = draw.log_prob(action)
    advantage = returns - value
    for _ in range(2):
        draw, value = act(seen)
        with torch.no_grad():
            ratio = (draw.log_prob(action) - old).exp()  # <- no_grad
        surrogate = torch.min(ratio * advantage, ratio.clamp(0.8, 1.2) * advantage)
        loss = -surrogate.mean() + 0.5 * (returns - value).pow(2).mean() - 0.01 * draw.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
