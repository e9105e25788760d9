"""Ratios stand in a row and advantages in a column: each advantage weighs all actions alike."""
import torch
import torch.nn.functional as F
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
actor = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 3))
critic = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=1e-3)
for _ in range(3):
    states = torch.randn(32, 4)
    with torch.no_grad():
        before = Categorical(logits=actor(states))
        actions = before.sample()
        density = before.log_prob(actions)
        values = critic(states)
    returns = (actions == 1).float().unsqueeze(1)
    advantages = returns - values
    advantages = (advantages - advantages.mean()) / (advantages.std() + 1e-8)
    for _ in range(3):
        now = Categorical(logits=actor(states))
        ratio = (now.log_prob(actions) - density).exp()
        plain = ratio * advantages  # <- other
        near = ratio.clamp(0.8, 1.2) * advantages
        loss = -torch.min(plain, near).mean() + 0.5 * F.mse_loss(critic(states), returns) - 0.01 * now.entropy().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
