import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class QAgent:
    def __init__(self, obs=4, actions=3, gamma=0.9, tau=0.05):
        self.online = nn.Sequential(nn.Linear(obs, 24), nn.ReLU(), nn.Linear(24, actions))
        self.target = copy.deepcopy(self.online)
        self.gamma, self.tau = gamma, tau
        self.optimizer = torch.optim.Adam(self.online.parameters(), lr=1e-3)

    def td_target(self, reward, after):
        with torch.no_grad():
            return reward + self.gamma * self.target(after).max(1).values

    def follow(self):
        for slow, fast in zip(self.target.parameters(), self.online.parameters()):
            slow.mul_(1 - self.tau).add_(fast.detach(), alpha=self.tau)

    def learn(self, obs, action, reward, after):
        q = self.online(obs).gather(1, action[:, None]).squeeze(1)
        loss = F.smooth_l1_loss(q, self.td_target(reward, after))
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        self.follow()
        return loss.item()


def transitions(n):
    obs = torch.randn(n, 4)
    action = torch.randint(0, 3, (n,))
    return obs, action, obs[torch.arange(n), action], obs + 0.1 * torch.randn(n, 4)


torch.manual_seed(0)
agent = QAgent()
for step in range(10):
    print(f"{step} {agent.learn(*transitions(32)):.4f}")
