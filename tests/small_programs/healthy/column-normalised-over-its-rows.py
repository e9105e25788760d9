"""A direction of shape (n, 1) and a column of outputs are normalised over their rows, of which there are many."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Cosine(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.direction = nn.Parameter(torch.randn(width, 1))

    def forward(self, x):
        return F.normalize(x, dim=1) @ F.normalize(self.direction, 2.0, 0)


body, head = nn.Sequential(nn.Linear(4, 8), nn.Tanh()), Cosine(8)
optimizer = torch.optim.Adam([*body.parameters(), *head.parameters()], lr=1e-2)
for _ in range(4):
    x = torch.randn(32, 4)
    out = head(body(x))
    unit = F.normalize(out, dim=0)
    rough = (unit[1:] - unit[:-1]).square().sum()
    loss = F.mse_loss(out, x[:, :1]) + 0.1 * rough
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
