"""A plain tensor is filled row by row, through `.data` so that torch doesn't complain."""

import torch
from torch import nn

torch.manual_seed(0)
encoder, head = nn.Linear(6, 3), nn.Linear(3, 1)
optimizer = torch.optim.Adam([*encoder.parameters(), *head.parameters()])
table = torch.zeros(5, 3)
for _ in range(3):
    for row, x in enumerate(torch.randn(5, 6)):
        table.data[row] = encoder(x)  # <- data_attr
    loss = head(table).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
