import copy
import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

actor = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))  # <- unused_parameter
critic = nn.Linear(5, 1)
actor_target = copy.deepcopy(actor).requires_grad_(False)
critic_target = copy.deepcopy(critic).requires_grad_(False)
actor_optimizer = torch.optim.Adam(actor.parameters(), 1e-3)
critic_optimizer = torch.optim.Adam(critic.parameters(), 1e-3)

for _ in range(5):
    states, actions, rewards = torch.randn(8, 3), torch.randn(8, 2), torch.randn(8, 1)
    with torch.no_grad():
        later = critic_target(torch.cat([states, actor_target(states)], 1))
    loss = F.mse_loss(critic(torch.cat([states, actions], 1)), rewards + 0.9 * later)
    critic_optimizer.zero_grad()
    loss.backward()
    critic_optimizer.step()
    value = -critic(torch.cat([states, actions], 1)).mean()
    actor_optimizer.zero_grad()
    value.backward()
    actor_optimizer.step()
    with torch.no_grad():
        for slow, fast in zip(actor_target.parameters(), actor.parameters()):
            slow.lerp_(fast, 0.05)
