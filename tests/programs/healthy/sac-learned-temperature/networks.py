import torch
import torch.nn as nn


class Critic(nn.Module):
    def __init__(self, n_obs, n_act, hidden=32):
        super().__init__()
        self.q1 = self._head(n_obs + n_act, hidden)
        self.q2 = self._head(n_obs + n_act, hidden)

    @staticmethod
    def _head(n_in, hidden):
        return nn.Sequential(nn.Linear(n_in, hidden), nn.ReLU(), nn.Linear(hidden, 1))

    def forward(self, obs, act):
        x = torch.cat([obs, act], -1)
        return self.q1(x).squeeze(-1), self.q2(x).squeeze(-1)


class Actor(nn.Module):
    def __init__(self, n_obs, n_act, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(n_obs, hidden), nn.ReLU())
        self.mu = nn.Linear(hidden, n_act)
        self.log_std = nn.Linear(hidden, n_act)

    def forward(self, obs):
        h = self.body(obs)
        std = self.log_std(h).clamp(-5, 2).exp()
        dist = torch.distributions.Normal(self.mu(h), std)
        raw = dist.rsample()
        act = raw.tanh()
        logp = (dist.log_prob(raw) - torch.log(1 - act.square() + 1e-6)).sum(-1)
        return act, logp


@torch.no_grad()
def polyak(target, source, tau):
    for t, s in zip(target.parameters(), source.parameters()):
        t.copy_(tau * s + (1 - tau) * t)
