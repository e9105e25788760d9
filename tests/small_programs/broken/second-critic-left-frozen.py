import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


def learns(model, flag):
    for parameter in model.parameters():
        parameter.requires_grad_(flag)


class Gan:
    def __init__(self):
        self.g = nn.Linear(4, 8)
        self.shape, self.texture = nn.Linear(8, 1), nn.Linear(8, 1)
        self.opt_g = torch.optim.Adam(self.g.parameters())
        self.opt_d = torch.optim.Adam([*self.shape.parameters(), *self.texture.parameters()])

    def generator_step(self):
        learns(self.shape, False)  # <- frozen_leaf
        learns(self.texture, False)
        fake = self.g(torch.randn(16, 4))
        self.opt_g.zero_grad()
        (F.softplus(-self.shape(fake)) + F.softplus(-self.texture(fake))).mean().backward()
        self.opt_g.step()

    def critic_step(self, real):
        learns(self.texture, True)
        fake = self.g(torch.randn(16, 4)).detach()
        loss = sum((F.softplus(-d(real)) + F.softplus(d(fake))).mean() for d in (self.shape, self.texture))
        self.opt_d.zero_grad()
        loss.backward()
        self.opt_d.step()


gan = Gan()
for _ in range(4):
    gan.generator_step()
    gan.critic_step(torch.randn(16, 8))
