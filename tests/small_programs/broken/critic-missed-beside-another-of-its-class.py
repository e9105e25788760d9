import torch
import torch.nn.functional as F
from torch import nn


class Critic(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.size = size
        self.net = nn.Sequential(nn.Linear(size, 8), nn.LeakyReLU(0.2), nn.Linear(8, 1))

    def forward(self, x):
        return self.net(x[:, : self.size])


maker = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 4))
coarse, fine = Critic(2), Critic(4)
of_maker = torch.optim.AdamW(maker.parameters(), lr=0.002)
of_critics = torch.optim.AdamW(coarse.parameters(), lr=0.001)  # <- optimizer_mismatch
for step in range(12):
    real, fake = torch.randn(8, 4), maker(torch.randn(8, 3))
    judged = sum(F.relu(1 - one(real)).mean() + F.relu(1 + one(fake.detach())).mean() for one in (coarse, fine))
    of_critics.zero_grad()
    judged.backward()
    of_critics.step()
    loss = -sum(one(fake).mean() for one in (coarse, fine))
    of_maker.zero_grad()
    loss.backward()
    of_maker.step()
