"""Batches, noise and labels in `Variable`, as programs had them once; one is read and written in place."""

import numpy as np
import torch
from torch import nn
from torch.autograd import Variable

torch.manual_seed(0)
maker, critic = nn.Linear(3, 4), nn.Linear(4, 1)
of_maker, of_critic = torch.optim.Adam(maker.parameters()), torch.optim.Adam(critic.parameters())
kept = torch.zeros(5, 3)
for _ in range(4):
    real = Variable(torch.from_numpy(np.ones((5, 4), dtype=np.float32)))
    noise = Variable(kept)
    noise.normal_()
    ones, zeros = Variable(torch.ones(5, 1), requires_grad=False), Variable(torch.zeros(5, 1))
    fake = maker(noise)
    of_critic.zero_grad()
    lost = nn.functional.binary_cross_entropy_with_logits(critic(real), ones)
    lost = lost + nn.functional.binary_cross_entropy_with_logits(critic(Variable(fake.data)), zeros)
    lost.backward()
    of_critic.step()
    of_maker.zero_grad()
    nn.functional.binary_cross_entropy_with_logits(critic(fake), ones).backward()
    of_maker.step()
    assert isinstance(real, Variable) and lost.item() > 0
