import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
encoder, critic, policy = nn.Linear(5, 8), nn.Linear(10, 1), nn.Linear(8, 4)
followed = copy.deepcopy(critic)
optimizer = torch.optim.Adam([*encoder.parameters(), *critic.parameters()], lr=1e-3)
of_policy = torch.optim.Adam(policy.parameters(), lr=1e-3)
for _ in range(12):
    before, after, acted, reward = (torch.randn(16, size) for size in (5, 5, 2, 1))
    with torch.no_grad():
        state = torch.tanh(encoder(after))
        mean, spread = policy(state).chunk(2, 1)
        action = mean + torch.randn(16, 2) * spread.exp()
        target = reward + 0.97 * followed(torch.cat([state, action], 1))
    state = torch.tanh(encoder(before))
    loss = F.mse_loss(critic(torch.cat([state, acted], 1)), target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    state = state.detach()
    cost = -critic(torch.cat([state, torch.tanh(policy(state)[:, :2])], 1)).mean()
    of_policy.zero_grad()
    cost.backward()
    of_policy.step()
    followed.load_state_dict(critic.state_dict())
