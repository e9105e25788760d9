"""A critic learns several times from one fake; the penalty, with a graph of its own, is given it undetached."""

import torch
from torch import nn


def penalty(critic, real, fake):
    mixed = 0.5 * real + 0.5 * fake
    (slope,) = torch.autograd.grad(
        critic(mixed).sum(), mixed, create_graph=True, retain_graph=True
    )
    return (slope.norm(dim=1) - 1).square().mean()


class Pair:
    def __init__(self):
        self.maker = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
        self.critic = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
        self.optimizer = torch.optim.Adam(self.critic.parameters())

    def forward(self, noise):
        self.fake = self.maker(noise)  # <- double_backward

    def step(self, real):
        together = torch.cat([self.fake, self.fake], dim=0)
        loss = self.critic(together.detach()).mean() - self.critic(real).mean()
        loss = loss + penalty(self.critic, real, together)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()


torch.manual_seed(0)
pair = Pair()
for _ in range(3):
    pair.forward(torch.randn(5, 3))
    for _ in range(2):
        pair.step(torch.ones(10, 4))
