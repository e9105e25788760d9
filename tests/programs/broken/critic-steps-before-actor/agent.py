import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(*sizes):
    layers = []
    for a, b in zip(sizes, sizes[1:]):
        layers += [nn.Linear(a, b), nn.ReLU()]
    return nn.Sequential(*layers[:-1])


class Agent:
    def __init__(self, obs_dim, act_dim, width=32, noise=0.2):
        self.actor = mlp(obs_dim, width, act_dim)
        self.critic = mlp(obs_dim + act_dim, width, 1)
        self.actor_opt = torch.optim.Adam(self.actor.parameters(), lr=1e-3)
        self.critic_opt = torch.optim.Adam(self.critic.parameters(), lr=3e-3)
        self.noise = noise

    def value(self, obs, act):
        return self.critic(torch.cat([obs, act], 1)).squeeze(1)

    def explore(self, obs):
        act = torch.tanh(self.actor(obs))
        return (act + self.noise * torch.randn_like(act)).clamp(-1, 1)

    def update(self, obs, act, reward):
        critic_loss = F.mse_loss(self.value(obs, act), reward)
        actor_loss = -self.value(obs, torch.tanh(self.actor(obs))).mean()

        self.critic_opt.zero_grad()
        critic_loss.backward()
        self.critic_opt.step()

        self.actor_opt.zero_grad()
        actor_loss.backward()
        self.actor_opt.step()
        return critic_loss.item(), actor_loss.item()
