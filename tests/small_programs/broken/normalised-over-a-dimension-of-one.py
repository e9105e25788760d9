"""Each step of a sequence has one score, which is normalised over the last dimension: over itself."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
score, head = nn.Linear(4, 1), nn.Linear(5, 3)
optimizer = torch.optim.Adam([*score.parameters(), *head.parameters()], lr=1e-2)
for _ in range(4):
    x, y = torch.randn(16, 5, 4), torch.randint(0, 3, (16,))
    scores = F.normalize(score(x), dim=-1)  # <- zero_gradient
    loss = F.cross_entropy(head(scores.squeeze(-1)), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
