"""Critic-regularised regression: the advantage is taken against actions drawn from the policy, and only weighs."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)


class Actor(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 32), nn.ReLU(), nn.Linear(32, 2))
        self.log_std = nn.Parameter(torch.zeros(2))

    def forward(self, s):
        return Normal(torch.tanh(self.net(s)), self.log_std.exp())


actor = Actor()
critic = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 1))
opt_a = torch.optim.Adam(actor.parameters(), lr=1e-3)
opt_c = torch.optim.Adam(critic.parameters(), lr=1e-3)
for step in range(12):
    s, a, r = torch.randn(64, 4), torch.rand(64, 2) * 2 - 1, torch.randn(64, 1)
    q = critic(torch.cat([s, a], 1))
    critic_loss = (q - r).square().mean()
    opt_c.zero_grad()
    critic_loss.backward()
    opt_c.step()

    dist = actor(s)
    drawn = dist.sample((4,))
    baseline = critic(torch.cat([s.expand(4, -1, -1), drawn], -1)).mean(0)
    advantage = critic(torch.cat([s, a], 1)) - baseline
    weight = advantage.exp().clamp(max=20).detach()
    actor_loss = -(weight * dist.log_prob(a).sum(-1, keepdim=True)).mean()
    opt_a.zero_grad()
    actor_loss.backward()
    opt_a.step()
