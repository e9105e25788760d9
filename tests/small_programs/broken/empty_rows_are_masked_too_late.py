"""Rows without anything to attend to give NaN in forward; `where` hides that from the loss alone."""

import torch
from torch import nn


class Pool(nn.Module):
    def __init__(self):
        super().__init__()
        self.item = nn.Embedding(9, 4, padding_idx=0)
        self.score = nn.Linear(4, 1)

    def forward(self, ids):
        rows, empty = self.item(ids), ids == 0
        bias = torch.zeros(ids.shape).masked_fill(empty, float("-inf"))
        weight = torch.softmax(self.score(rows).squeeze(-1) + bias, dim=1)  # <- nan_gradient
        pooled = (weight.unsqueeze(-1) * rows).sum(1)
        return torch.where(empty.all(1, keepdim=True), torch.zeros_like(pooled), pooled)


torch.manual_seed(0)
pool, head = Pool(), nn.Linear(4, 1)
optimizer = torch.optim.Adagrad([*pool.parameters(), *head.parameters()], lr=0.05)
for step in range(5):
    ids = torch.randint(1, 9, (6, 3))
    if step > 1:
        ids[0] = 0
    loss = (head(pool(ids)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
