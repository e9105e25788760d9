"""The critic is spared in the loss of the policy, so that its half of the loss, one number a row, is a constant."""
import torch
from torch import nn

torch.manual_seed(0)
policy, critic = nn.Linear(4, 4), nn.Linear(6, 1)
of_policy, of_critic = (torch.optim.Adam(one.parameters(), 1e-2) for one in (policy, critic))
alpha = 0.2


def sample(state):
    mean, spread = policy(state).chunk(2, 1)
    draws = torch.distributions.Normal(mean, spread.exp())
    taken = draws.rsample()
    return taken, draws.log_prob(taken).sum(1, keepdim=True)


for _ in range(8):
    state, later, reward = torch.randn(16, 4), torch.randn(16, 4), torch.randn(16, 1)
    with torch.no_grad():
        next_taken, next_log = sample(later)
        wanted = reward + 0.9 * (critic(torch.cat([later, next_taken], 1)) - alpha * next_log)
    fit = nn.functional.mse_loss(critic(torch.cat([state, sample(state)[0].detach()], 1)), wanted)
    of_critic.zero_grad()
    fit.backward()
    of_critic.step()

    taken, log = sample(state)
    with torch.no_grad():
        worth = critic(torch.cat([state, taken], 1))  # <- no_grad
    loss = (alpha * log - worth).mean()
    of_policy.zero_grad()
    loss.backward()
    of_policy.step()
