"""The weights of a pooling are divided by their sum over the wrong dimension, which has one element."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Pool(nn.Module):
    def __init__(self, width, eps=1e-8):
        super().__init__()
        self.score, self.eps = nn.Linear(width, 1), eps

    def forward(self, x):
        weights = torch.exp(self.score(x))
        total = torch.einsum("bti->bt", weights).unsqueeze(-1) + self.eps
        return (weights / total * x).mean(1)  # <- zero_gradient


embedding, pool, head = nn.Linear(4, 8), Pool(8), nn.Linear(8, 3)
optimizer = torch.optim.Adam([*embedding.parameters(), *pool.parameters(), *head.parameters()], lr=1e-2)
for _ in range(4):
    x, y = torch.randn(16, 5, 4), torch.randint(0, 3, (16,))
    loss = F.cross_entropy(head(pool(embedding(x))), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
