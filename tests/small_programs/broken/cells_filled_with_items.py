"""A similarity matrix is filled cell by cell with plain numbers."""

import torch
from torch import nn

torch.manual_seed(0)
encoder, scale = nn.Linear(6, 3), nn.Parameter(torch.ones(()))
optimizer = torch.optim.Adam([*encoder.parameters(), scale])
for _ in range(3):
    rows = encoder(torch.randn(4, 6))
    alike = torch.zeros(4, 4)
    for i in range(4):
        for j in range(4):
            alike[i, j] = torch.dot(rows[i], rows[j]).item()  # <- python_scalar
    loss = nn.functional.cross_entropy(alike * scale, torch.arange(4))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
