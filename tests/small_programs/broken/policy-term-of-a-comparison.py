"""The entropy is that of the spread alone: it trains nothing of what computes the mean."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
actor, critic, spread = nn.Linear(3, 1), nn.Linear(3, 1), nn.Parameter(torch.zeros(()))
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters(), spread], lr=1e-2)
for _ in range(5):
    states, returns = torch.randn(16, 3), torch.randn(16)
    policy, value = Normal(actor(states).squeeze(1), spread.exp()), critic(states).squeeze(1)
    score = policy.log_prob(policy.sample()) * (returns - value.detach())
    gain = (score.mean() > 0).float()  # <- nondifferentiable_op
    loss = (value - returns).square().mean() - gain - 1e-3 * policy.entropy().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
