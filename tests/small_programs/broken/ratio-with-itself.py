"""The probability of an action is divided by itself, where the old one was to be a constant."""

import torch
from torch import nn

torch.manual_seed(0)
policy = nn.Sequential(nn.Linear(3, 8), nn.Tanh(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(policy.parameters(), lr=1e-2)


def ratio(state, action, old=None):
    new = policy(state).log_softmax(-1).gather(-1, action).squeeze(-1)
    old = new if old is None else old
    return torch.exp(new - old)  # <- zero_gradient


for _ in range(5):
    state = torch.randn(16, 3)
    with torch.no_grad():
        action = policy(state).softmax(-1).multinomial(1)
    gain = state[:, 0] * (1 - 2 * action.squeeze(-1))
    changed = ratio(state, action)
    loss = -torch.minimum(changed * gain, changed.clamp(0.8, 1.2) * gain).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
