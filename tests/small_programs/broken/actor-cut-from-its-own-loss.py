"""The actor's loss is given detached actions, while the critic is frozen around it as it should be."""
import torch
from torch import nn

torch.manual_seed(0)
actor, critic = nn.Linear(4, 2), nn.Linear(6, 1)
actor_opt = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_opt = torch.optim.Adam(critic.parameters(), lr=1e-2)
for number in range(4):
    state, wanted = torch.randn(8, 4), torch.randn(8, 1)
    action = actor(state).tanh()
    critic_loss = (critic(torch.cat([state, action.detach()], 1)) - wanted).square().mean()
    critic_opt.zero_grad()
    critic_loss.backward()
    critic_opt.step()
    critic.requires_grad_(False)
    played = action if number < 2 else action.detach()  # <- detach
    actor_loss = -critic(torch.cat([state, played], 1)).mean()
    actor_opt.zero_grad()
    actor_loss.backward()
    actor_opt.step()
    critic.requires_grad_(True)
