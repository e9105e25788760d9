"""An actor is to learn from its critic, and draws its actions by `sample`: only their density has a gradient."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
actor, critic = nn.Linear(4, 4), nn.Linear(6, 1)
actor_optimizer = torch.optim.Adam(actor.parameters(), lr=1e-2)
critic_optimizer = torch.optim.Adam(critic.parameters(), lr=1e-2)


def act(state):
    mean, spread = actor(state).chunk(2, 1)
    policy = Normal(mean, spread.clamp(-2, 2).exp())
    drawn = policy.sample()  # <- no_grad
    action = torch.tanh(drawn)
    return action, policy.log_prob(drawn).sum(1) - torch.log(1 - action.square() + 1e-6).sum(1)


for _ in range(6):
    state, taken = torch.randn(16, 4), torch.randn(16, 2)
    worth = critic(torch.cat([state, taken], 1)).squeeze(1)
    critic_loss = (worth + state.square().sum(1)).square().mean()
    critic_optimizer.zero_grad()
    critic_loss.backward()
    critic_optimizer.step()
    action, density = act(state)
    critic.requires_grad_(False)
    loss = (0.1 * density).mean() - critic(torch.cat([state, action], 1)).mean()
    actor_optimizer.zero_grad()
    loss.backward()
    actor_optimizer.step()
    critic.requires_grad_(True)
