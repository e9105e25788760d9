"""The batch comes first for this GRU, and the output is indexed as if time did: its first step is taken."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
gru, head = nn.GRU(5, 6, batch_first=True), nn.Linear(6, 3)
optimizer = torch.optim.SGD([*gru.parameters(), *head.parameters()], lr=0.1)
for _ in range(4):
    out, hidden = gru(torch.randn(4, 7, 5))
    first = out[:, 0]  # <- zero_gradient
    loss = F.cross_entropy(head(first), torch.randint(3, (4,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
