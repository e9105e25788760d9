"""Two networks of one class; that of the actor is right to act under no_grad, and the critic isn't to judge so."""

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self, wide):
        super().__init__()
        self.first, self.last = nn.Linear(3, 8), nn.Linear(8, wide)

    def forward(self, x):
        return self.last(torch.tanh(self.first(x)))


torch.manual_seed(0)
actor, critic = Net(2), Net(1)
optimizer = torch.optim.Adam([*actor.parameters(), *critic.parameters()], lr=1e-2)


@torch.no_grad()
def act(state):
    return actor(state).softmax(-1).multinomial(1)


@torch.no_grad()  # <- no_grad
def judge(state):
    return critic(state).squeeze(-1)


for _ in range(5):
    state = torch.randn(16, 3)
    action = act(state)
    reward = state.sum(-1) * action.squeeze(-1)
    value = judge(state + 0.1 * action)
    chosen = actor(state).log_softmax(-1).gather(-1, action).squeeze(-1)
    loss = (value - reward).square().mean() - (chosen * (reward - value)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
