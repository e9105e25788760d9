"""Two critics are frozen around the actor's loss, and only one of them is thawed again."""
import torch
from torch import nn

torch.manual_seed(0)
actor = nn.Linear(4, 2)
first, second = nn.Linear(6, 1), nn.Linear(6, 1)
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_opt = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=1e-2)


def freeze(*nets):
    for net in nets:
        net.requires_grad_(False)  # <- frozen_leaf


for _ in range(5):
    state, wanted = torch.randn(8, 4), torch.randn(8, 1)
    freeze(first, second)
    both = torch.cat([state, actor(state).tanh()], 1)
    actor_loss = -torch.min(first(both), second(both)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    first.requires_grad_(True)
    taken = both.detach()
    critic_loss = (first(taken) - wanted).square().mean() + (second(taken) - wanted).square().mean()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
