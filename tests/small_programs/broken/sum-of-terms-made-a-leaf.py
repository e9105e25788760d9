"""The advantage takes the value detached, as it should; the sum of the terms is made a leaf by mistake."""
import torch
from torch import nn
from torch.distributions import Categorical

torch.manual_seed(0)
policy, value = nn.Linear(4, 3), nn.Linear(4, 1)
optimizer = torch.optim.Adam([*policy.parameters(), *value.parameters()], lr=1e-2)
for _ in range(5):
    x, returns = torch.randn(16, 4), torch.randn(16)
    dist, guess = Categorical(logits=policy(x)), value(x).squeeze(1)
    actor = -(dist.log_prob(dist.sample()) * (returns - guess.detach())).mean()
    critic = (returns - guess).square().mean()
    loss = (actor + 0.5 * critic).detach().requires_grad_() - 0.01 * dist.entropy().mean()  # <- detach or fresh_leaf_loss
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
