"""A batch whose loss is far off is skipped, and a policy is stepped more rarely than its critic."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(6, 1)
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(10):
    x = torch.randn(8, 6) * (5 if step in (2, 3, 7) else 1)
    loss = (net(x) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    if loss < 6:
        optimizer.step()

policy, critic = nn.Linear(4, 2), nn.Linear(6, 1)
of_policy = torch.optim.Adam(policy.parameters(), lr=1e-3)
of_critic = torch.optim.Adam(critic.parameters(), lr=1e-3)
for step in range(12):
    state, action, reward = torch.randn(8, 4), torch.randn(8, 2), torch.randn(8, 1)
    of_critic.zero_grad()
    (critic(torch.cat([state, action], 1)) - reward).square().mean().backward()
    of_critic.step()
    of_policy.zero_grad()
    (-critic(torch.cat([state, policy(state)], 1))).mean().backward()
    if step % 2:
        of_policy.step()
