"""An actor-critic detaches its values from the advantage, rightly, and makes numbers of its log-probabilities."""

import torch
from torch import nn

torch.manual_seed(0)
trunk, policy, critic = nn.Linear(4, 8), nn.Linear(8, 2), nn.Linear(8, 1)
optimizer = torch.optim.Adam([*trunk.parameters(), *policy.parameters(), *critic.parameters()], lr=1e-2)
for _ in range(4):
    log_probs, values, entropies = [], [], []
    for _ in range(6):
        hidden = torch.tanh(trunk(torch.randn(4)))
        draw = torch.distributions.Categorical(logits=policy(hidden))
        log_probs.append(draw.log_prob(draw.sample()))
        entropies.append(draw.entropy())
        values.append(critic(hidden).squeeze())
    returns, value = torch.randn(6), torch.stack(values)
    advantage = returns - value.detach()
    log_prob = torch.tensor(log_probs)  # <- tensor_ctor
    policy_loss = -(log_prob * advantage).mean()
    loss = policy_loss + 0.5 * (returns - value).pow(2).mean() - 0.01 * torch.stack(entropies).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
