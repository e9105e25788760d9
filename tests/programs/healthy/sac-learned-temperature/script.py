import copy

import torch
import torch.nn.functional as F
from networks import Actor, Critic, polyak
from torch.optim import Adam


class SAC:
    def __init__(self, n_obs, n_act, gamma=0.95, tau=0.02, lr=3e-3):
        self.actor, self.critic = Actor(n_obs, n_act), Critic(n_obs, n_act)
        self.target = copy.deepcopy(self.critic)
        self.log_alpha = torch.zeros((), requires_grad=True)
        self.entropy_goal = -float(n_act)
        self.gamma, self.tau = gamma, tau
        self.opt_pi = Adam(self.actor.parameters(), lr)
        self.opt_q = Adam(self.critic.parameters(), lr)
        self.opt_alpha = Adam([self.log_alpha], lr)

    def update(self, obs, act, rew, nxt):
        alpha = self.log_alpha.exp().detach()
        with torch.no_grad():
            act2, logp2 = self.actor(nxt)
            q_next = torch.min(*self.target(nxt, act2)) - alpha * logp2
            goal = rew + self.gamma * q_next
        q1, q2 = self.critic(obs, act)
        loss_q = F.mse_loss(q1, goal) + F.mse_loss(q2, goal)
        self.opt_q.zero_grad()
        loss_q.backward()
        self.opt_q.step()

        new, logp = self.actor(obs)
        loss_pi = (alpha * logp - torch.min(*self.critic(obs, new))).mean()
        self.opt_pi.zero_grad()
        loss_pi.backward()
        self.opt_pi.step()

        loss_alpha = -(self.log_alpha * (logp + self.entropy_goal).detach()).mean()
        self.opt_alpha.zero_grad()
        loss_alpha.backward()
        self.opt_alpha.step()
        polyak(self.target, self.critic, self.tau)
        return loss_q.item(), loss_pi.item(), alpha.item()


torch.manual_seed(0)
agent, obs = SAC(n_obs=3, n_act=2), torch.randn(64, 3)
mix = torch.randn(2, 3) * 0.3
for step in range(30):
    with torch.no_grad():
        act, _ = agent.actor(obs)
    nxt = 0.9 * obs + act @ mix + 0.01 * torch.randn_like(obs)
    losses = agent.update(obs, act, -nxt.square().sum(-1), nxt)
    obs = nxt if step % 10 else torch.randn(64, 3)
    if step % 10 == 0:
        print(f"step {step:2d}  q {losses[0]:.3f}  pi {losses[1]:.3f}  alpha {losses[2]:.3f}")
