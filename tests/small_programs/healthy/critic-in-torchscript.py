"""A critic in TorchScript, in which no call is seen, learns by a target that is computed without gradients."""

import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Linear(4, 2)
critic = torch.jit.trace(nn.Sequential(nn.Linear(6, 8), nn.Tanh(), nn.Linear(8, 1)), torch.randn(16, 6))
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=0.01)


def losses(state, later, reward):
    with torch.no_grad():
        target = reward + 0.9 * torch.cat([later, actor(later)], 1).sum(1, keepdim=True)
    fit = nn.functional.mse_loss(critic(torch.cat([state, torch.randn(16, 2)], 1)), target)
    return actor(state).pow(2).mean(), fit


for _ in range(8):
    policy, fit = losses(torch.randn(16, 4), torch.randn(16, 4), torch.randn(16, 1))
    loss = policy + fit
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
