from dataclasses import dataclass

import numpy as np
import torch


class Points:
    """Push a point on a line back to zero; many at once."""

    def __init__(self, n, seed):
        self.n, self.rng = n, np.random.default_rng(seed)
        self.x = self.rng.normal(size=(n, 2)).astype(np.float32)

    def step(self, action):
        self.x[:, 1] = 0.9 * self.x[:, 1] + 0.2 * np.clip(action, -1, 1)
        self.x[:, 0] += 0.3 * self.x[:, 1]
        return -np.abs(self.x[:, 0]).astype(np.float32)


@dataclass
class Batch:
    obs: torch.Tensor
    act: torch.Tensor
    logp: torch.Tensor
    adv: torch.Tensor
    ret: torch.Tensor


@torch.no_grad()
def collect(env, agent, horizon, gamma=0.97, lam=0.9):
    obs, act, logp, rew, val = [], [], [], [], []
    for _ in range(horizon):
        o = torch.from_numpy(env.x.copy())
        dist, v = agent(o)
        a = dist.sample()
        obs.append(o), act.append(a), val.append(v.numpy())
        logp.append(dist.log_prob(a))
        rew.append(env.step(a.numpy()))
    val.append(agent(torch.from_numpy(env.x))[1].numpy())
    adv, last = np.zeros((horizon, env.n), np.float32), 0.0
    for t in reversed(range(horizon)):
        delta = rew[t] + gamma * val[t + 1] - val[t]
        adv[t] = last = delta + gamma * lam * last
    ret = torch.from_numpy(adv + np.stack(val[:-1])).flatten()
    adv = torch.from_numpy((adv - adv.mean()) / (adv.std() + 1e-8)).flatten()
    return Batch(torch.cat(obs), torch.cat(act), torch.cat(logp), adv, ret), float(np.mean(rew))
