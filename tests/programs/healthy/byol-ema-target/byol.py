import copy
import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def mlp(d_in, d_hidden, d_out):
    hidden = [nn.Linear(d_in, d_hidden), nn.LayerNorm(d_hidden), nn.GELU()]
    return nn.Sequential(*hidden, nn.Linear(d_hidden, d_out))


class BYOL(nn.Module):
    def __init__(self, backbone, d_rep, d=16, momentum=0.9, total=30):
        super().__init__()
        self.online = nn.Sequential(backbone, mlp(d_rep, 32, d))
        self.target = copy.deepcopy(self.online)
        for p in self.target.parameters():
            p.requires_grad = False
        self.predictor = mlp(d, 32, d)
        self.base, self.total = momentum, total
        self.register_buffer("updates", torch.tensor(0))

    def trainable(self):
        return [*self.online.parameters(), *self.predictor.parameters()]

    def regress(self, view, other):
        guess = F.normalize(self.predictor(self.online(view)), dim=-1)
        with torch.no_grad():
            goal = F.normalize(self.target(other), dim=-1)
        return (2 - 2 * (guess * goal).sum(-1)).mean()

    def forward(self, a, b):
        return self.regress(a, b) + self.regress(b, a)

    @torch.no_grad()
    def follow(self):
        self.updates += 1
        tau = 1 - (1 - self.base) * (math.cos(math.pi * self.updates.item() / self.total) + 1) / 2
        for slow, fast in zip(self.target.parameters(), self.online.parameters()):
            slow.mul_(tau).add_(fast, alpha=1 - tau)
        for slow, fast in zip(self.target.buffers(), self.online.buffers()):
            slow.copy_(fast)
