"""The optimizer is given the target network, and not the one whose values the loss is computed by."""

import copy

import torch
from torch import nn

torch.manual_seed(0)
online = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
nets = {"target": copy.deepcopy(online), "online": online}
first, second = nets.values()
optimizer = torch.optim.Adam(first.parameters(), lr=1e-3)  # <- optimizer_mismatch


@torch.no_grad()
def act(state):
    return nets["online"](state).argmax(-1)


for _ in range(6):
    state = torch.randn(16, 4)
    action = act(state)
    after = state + 0.1 * action[:, None]
    with torch.no_grad():
        wanted = 1 + 0.9 * nets["target"](after).amax(-1)
    value = nets["online"](state).gather(-1, action[:, None]).squeeze(-1)
    loss = (value - wanted).square().mean()
    nets["online"].zero_grad()
    loss.backward()
    optimizer.step()
