"""A network makes the weights of another, which gets them by way of `.data`."""

import torch
from torch import nn

torch.manual_seed(0)
maker, layer, head = nn.Linear(3, 12), nn.Linear(4, 3, bias=False), nn.Linear(3, 1)
optimizer = torch.optim.Adam([*maker.parameters(), *head.parameters()])
for _ in range(3):
    layer.weight.data = maker(torch.ones(3)).view(3, 4)  # <- values_copied
    loss = head(layer(torch.randn(5, 4))).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
