import torch
import torch.nn as nn
from rollout import Points, collect
from torch.distributions import Normal


class Agent(nn.Module):
    def __init__(self, n_obs=2, hidden=32):
        super().__init__()
        self.actor = nn.Sequential(nn.Linear(n_obs, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.critic = nn.Sequential(nn.Linear(n_obs, hidden), nn.Tanh(), nn.Linear(hidden, 1))
        self.log_std = nn.Parameter(torch.zeros(1))

    def forward(self, obs):
        dist = Normal(self.actor(obs).squeeze(-1), self.log_std.exp().squeeze())
        return dist, self.critic(obs).squeeze(-1)


def update(agent, opt, batch, epochs=3, size=64, clip=0.2, target_kl=0.05):
    for _ in range(epochs):
        for idx in torch.randperm(len(batch.obs)).split(size):
            dist, value = agent(batch.obs[idx])
            log_ratio = dist.log_prob(batch.act[idx]) - batch.logp[idx]
            ratio = log_ratio.exp()
            adv = batch.adv[idx]
            policy = -torch.min(ratio * adv, ratio.clamp(1 - clip, 1 + clip) * adv).mean()
            loss = policy + 0.5 * (value - batch.ret[idx]).square().mean() - 1e-3 * dist.entropy().mean()
            opt.zero_grad()
            loss.backward()
            nn.utils.clip_grad_norm_(agent.parameters(), 0.5)
            opt.step()
        with torch.no_grad():
            kl = (ratio - 1 - log_ratio).mean().item()
        if kl > target_kl:
            break
    return loss.item(), kl


torch.manual_seed(0)
env, agent = Points(16, seed=0), Agent()
opt = torch.optim.Adam(agent.parameters(), lr=3e-3)
for it in range(4):
    batch, reward = collect(env, agent, horizon=16)
    loss, kl = update(agent, opt, batch)
    print(f"iteration {it} reward {reward:.3f} loss {loss:.3f} kl {kl:.4f}")
