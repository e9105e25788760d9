"""The bounds of a slice are tensors, and nobody but the slice says that they are used."""
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Linear(8, 8), nn.Linear(4, 1)
where = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
optimizer = torch.optim.SGD([*body.parameters(), *where.parameters(), *head.parameters()], lr=0.1)
for _ in range(4):
    x = torch.randn(5, 8)
    hidden = torch.tanh(body(x))
    begin = (where(hidden) * 4).squeeze(1).long()  # <- integer_cast
    rows = [row[one : one + 4] for row, one in zip(hidden, begin)]
    loss = (head(torch.stack(rows)) - x[:, :1]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
