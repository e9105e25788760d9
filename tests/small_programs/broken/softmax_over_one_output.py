"""A policy of one output has a softmax, which is always 1; of the returns that weigh its terms one is zero."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Linear(4, 1)
optimizer = torch.optim.Adam(policy.parameters(), lr=0.01)
returns = torch.tensor([-1.0, 0.0, 1.0, 2.0])
for _ in range(3):
    chances = []
    for _ in range(4):
        chance = torch.softmax(policy(torch.randn(4)), dim=-1)  # <- zero_gradient
        chances.append(torch.log(chance + 1e-6))
    loss = -(torch.cat(chances) * returns).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
