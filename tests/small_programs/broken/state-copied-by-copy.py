import copy

import torch
from torch import nn

torch.manual_seed(0)
cell, read = nn.GRUCell(4, 8), nn.Linear(8, 1)
optimizer = torch.optim.Adam([*cell.parameters(), *read.parameters()], lr=1e-2)
for step in range(10):
    x = torch.randn(5, 16, 4)
    state, states = torch.zeros(16, 8), []
    for one in x:
        state = cell(one, state)
        states.append(copy.copy(state))  # <- rebuilt_leaf
    loss = (read(torch.stack(states)).squeeze(-1) - x.cumsum(0).sum(-1)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
