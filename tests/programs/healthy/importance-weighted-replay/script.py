import torch
import torch.nn as nn
import torch.nn.functional as F
from replay import Baseline, Replay
from torch.distributions import Categorical


class ActorCritic(nn.Module):
    def __init__(self, d=4, actions=3, hidden=32):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(d, hidden), nn.Tanh())
        self.policy, self.value = nn.Linear(hidden, actions), nn.Linear(hidden, 1)

    def forward(self, obs):
        h = self.body(obs)
        return Categorical(logits=self.policy(h)), self.value(h).squeeze(-1)


def reward_of(obs, action):
    good = obs[:, :3].argmax(1)
    return (action == good).float() - 0.1 * action


def off_policy_loss(net, obs, action, old_logp, reward):
    dist, value = net(obs)
    logp = dist.log_prob(action)
    rho = torch.exp(logp - old_logp).detach().clamp(max=2.0)
    advantage = reward - value.detach()
    policy = -(rho * advantage * logp).mean()
    weight = torch.exp(advantage / 0.5).clamp(max=5.0)
    imitation = -(weight * logp).mean()
    critic = (rho * F.mse_loss(value, reward, reduction="none")).mean()
    return policy + 0.1 * imitation + 0.5 * critic - 0.01 * dist.entropy().mean()


torch.manual_seed(0)
net, replay, baseline = ActorCritic(), Replay(size=8), Baseline()
optimizer = torch.optim.RMSprop(net.parameters(), lr=3e-3)
for step in range(40):
    obs = torch.randn(32, 4)
    dist, _ = net(obs)  # sampled with a graph that is never used
    action = dist.sample()
    reward = reward_of(obs, action)
    replay.push(obs, action, dist.log_prob(action), reward - baseline(reward))
    loss = off_policy_loss(net, *replay.sample(3))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():+.4f} reward {reward.mean().item():.3f}")
