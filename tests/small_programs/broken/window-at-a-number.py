"""A plain number says which items are taken: it is made of a tensor, by way of a name."""
import torch
from torch import nn

torch.manual_seed(0)
body, head = nn.Linear(8, 8), nn.Linear(4, 1)
where = nn.Sequential(nn.Linear(8, 1), nn.Sigmoid())
optimizer = torch.optim.SGD([*body.parameters(), *where.parameters(), *head.parameters()], lr=0.1)
for _ in range(4):
    x = torch.randn(5, 8)
    hidden, rows = torch.tanh(body(x)), []
    for row, at in zip(hidden, where(hidden) * 4):
        begin = int(at)  # <- python_scalar
        end = begin + 4
        rows.append(row[begin:end])
    loss = (head(torch.stack(rows)) - x[:, :1]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
