"""Of a bidirectional LSTM each direction is taken where it has read all; of a GRU the final state."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
lstm = nn.LSTM(5, 6, bidirectional=True, batch_first=True)
gru, head = nn.GRU(12, 6, batch_first=True), nn.Linear(18, 3)
optimizer = torch.optim.SGD([*lstm.parameters(), *gru.parameters(), *head.parameters()], lr=0.1)
for _ in range(4):
    out, _ = lstm(torch.randn(4, 7, 5))
    ends = torch.cat([out[:, -1, :6], out[:, 0, 6:]], 1)
    _, state = gru(out)
    loss = F.cross_entropy(head(torch.cat([ends, state[-1]], 1)), torch.randint(3, (4,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
