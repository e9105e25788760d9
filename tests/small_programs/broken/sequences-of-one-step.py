"""A GRU is given sequences of one step each: its recurrent weight meets nothing but the zeros it begins with."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
gru, head = nn.GRU(5, 6, batch_first=True), nn.Linear(6, 3)
optimizer = torch.optim.SGD([*gru.parameters(), *head.parameters()], lr=0.1)
for _ in range(4):
    out, _ = gru(torch.randn(4, 5).unsqueeze(1))  # <- zero_gradient
    last = out[:, -1]
    loss = F.cross_entropy(head(last), torch.randint(3, (4,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
