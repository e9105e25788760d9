"""REINFORCE with a hand-written Gaussian likelihood."""
import math
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)


def gaussian_likelihood(x, mu, log_std):
    pre = -0.5 * (((x - mu) / (log_std.exp() + 1e-8)) ** 2 + 2 * log_std + math.log(2 * math.pi))
    return pre.sum(-1)


class Policy(nn.Module):
    def __init__(self):
        super().__init__()
        self.mu = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))
        self.log_std = nn.Parameter(-0.5 * torch.ones(1))
        self.v = nn.Sequential(nn.Linear(3, 32), nn.Tanh(), nn.Linear(32, 1))

    def forward(self, obs):
        mu = self.mu(obs)
        a = Normal(mu, self.log_std.exp()).sample()
        return a, gaussian_likelihood(a, mu, self.log_std), self.v(obs).squeeze(-1)


policy = Policy()
opt = torch.optim.Adam(policy.parameters(), lr=1e-3)
for epoch in range(12):
    obs = torch.randn(64, 3)
    a, logp, v = policy(obs)
    ret = -(a.squeeze(-1) - obs[:, 0]) ** 2
    adv = (ret - v).detach()
    loss = -(logp * adv).mean() + 0.5 * (ret - v).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
