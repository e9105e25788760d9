"""The generator learns by the critic, and by what is read off its images: two optimizers hold it."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
generator, critic, reader = nn.Linear(5, 6), nn.Linear(6, 1), nn.Linear(6, 3)
of_critic = torch.optim.Adam(critic.parameters(), lr=1e-3)
of_generator = torch.optim.Adam(generator.parameters(), lr=1e-3)
of_reader = torch.optim.Adam([*generator.parameters(), *reader.parameters()], lr=1e-3)


def score(images):
    return critic(images)


def clear():
    for optimizer in (of_critic, of_generator, of_reader):
        optimizer.zero_grad()


for _ in range(5):
    code = torch.randint(0, 3, (16,))
    drawn = torch.cat([torch.randn(16, 2), F.one_hot(code, 3).float()], 1)
    F.softplus(score(generator(drawn)) - score(torch.randn(16, 6))).mean().backward()
    of_critic.step()
    clear()
    F.softplus(-score(generator(drawn))).mean().backward()
    of_generator.step()
    clear()
    F.cross_entropy(reader(generator(drawn)), code).backward()
    of_reader.step()
    clear()
