"""A block does more at every second call, and a checkpoint calls it twice."""

import torch
from torch import nn
from torch.utils.checkpoint import checkpoint


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.calls = nn.Linear(4, 4), 0

    def forward(self, x):
        self.calls += 1
        x = torch.tanh(self.first(x))
        return x * torch.sigmoid(x) if self.calls % 2 else x


torch.manual_seed(0)
block, head = Block(), nn.Linear(4, 1)
optimizer = torch.optim.SGD([*block.parameters(), *head.parameters()], lr=0.1)
for _ in range(3):
    hidden = checkpoint(block, torch.randn(5, 4), use_reentrant=False)  # <- checkpoint
    loss = head(hidden).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
