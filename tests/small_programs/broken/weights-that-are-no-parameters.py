"""The weights of layers that were written by hand are plain tensors, scaled by hand or filled by nn.init."""

import math

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.W = torch.randn(width, width) / math.sqrt(width)  # <- unregistered_parameter
        self.context = torch.empty(width, 1)  # <- unregistered_parameter
        nn.init.xavier_uniform_(self.context)
        self.token = torch.zeros(1, 1, width)  # <- unregistered_parameter
        nn.init.trunc_normal_(self.token, std=0.02)

    def forward(self, x):
        x = torch.cat([self.token.expand(len(x), -1, -1), x], 1)
        shares = torch.softmax(torch.tanh(self.query(x)) @ self.context, 1)
        return (shares * (x @ self.W)).sum(1)


embedding, attention, head = nn.Linear(4, 8), Attention(8), nn.Linear(8, 3)
parts = nn.ModuleList([embedding, attention, head])
optimizer = torch.optim.Adam(parts.parameters(), lr=1e-2)
for _ in range(4):
    x, y = torch.randn(16, 5, 4), torch.randint(0, 3, (16,))
    loss = F.cross_entropy(head(attention(embedding(x))), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
