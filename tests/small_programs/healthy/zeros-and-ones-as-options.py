"""Zeros and ones that stand where an option, a later phase or another class would have something else."""
import torch
from torch import nn

torch.manual_seed(0)


class Linear(nn.Module):
    def __init__(self, width, out, bias=True, learn=True):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(out, width) * 0.3)
        self.bias = nn.Parameter(torch.zeros(out)) if bias else torch.zeros(out)
        if learn:
            self.gamma = nn.Parameter(torch.ones(out))
        else:
            self.gamma = torch.ones(out)

    def forward(self, x):
        return (x @ self.weight.T + self.bias) * self.gamma


class Positions(nn.Module):
    def __init__(self, width, length):
        super().__init__()
        self.pos_embed = torch.zeros(length, width)
        self.null_embed = torch.zeros(width)

    def forward(self, x):
        kept = torch.rand(len(x), 1, 1) < 0.9
        return torch.where(kept, x, self.null_embed) + self.pos_embed

    def set_table(self, table):
        self.pos_embed.copy_(table)


class Actor(nn.Module):
    def __init__(self, width, actions):
        super().__init__()
        self.mean = nn.Linear(width, actions)
        self.action_scale, self.action_bias = torch.ones(actions), torch.zeros(actions)

    def forward(self, x):
        return torch.tanh(self.mean(x)) * self.action_scale + self.action_bias


body = nn.Sequential(nn.Linear(4, 4), Positions(4, 3), Linear(4, 4), Linear(4, 4, bias=False, learn=False))
actor, critic = Actor(4, 2), nn.Linear(6, 1)
opt = torch.optim.Adam([*body.parameters(), *actor.parameters(), *critic.parameters()], 1e-2)
for step in range(4):
    hidden = body(torch.randn(8, 3, 4)).mean(1)
    loss = (critic(torch.cat([hidden, actor(hidden)], 1)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step > 5:
        body[1].set_table(torch.randn(3, 4))
