"""The critic is frozen around the actor's loss and never thawed: its own loss, of detached actions, raises."""
import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Linear(4, 2), nn.Linear(6, 1)
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
for _ in range(3):
    state, wanted = torch.randn(8, 4), torch.randn(8, 1)
    action = actor(state).tanh()
    critic.requires_grad_(False)  # <- frozen_leaf
    actor_loss = -critic(torch.cat([state, action], 1)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    critic_loss = (critic(torch.cat([state, action.detach()], 1)) - wanted).square().mean()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
