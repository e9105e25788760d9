"""The temperature's own loss is computed with its value as a number; the policy is detached in it, and rightly so."""

import torch
from torch import nn

torch.manual_seed(0)
policy, log_temperature = nn.Linear(3, 3), nn.Parameter(torch.zeros(()))
acts = torch.optim.Adam(policy.parameters(), lr=1e-2)
cools = torch.optim.Adam([log_temperature], lr=1e-2)


def temperature():
    return log_temperature.exp().item()  # <- python_scalar


for _ in range(5):
    logits = policy(torch.randn(16, 3)).log_softmax(-1)
    entropy = -(logits.exp() * logits).sum(-1)
    acts.zero_grad()
    (logits[:, 0] - temperature() * entropy).mean().backward()
    acts.step()
    cools.zero_grad()
    (temperature() * (entropy.detach() - 0.5)).mean().backward()
    cools.step()
