"""Adapters that the optimizer holds from the beginning, and that are thawed once the head has been trained."""
import torch
from torch import nn

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(2, base.in_features) * 0.1)
        self.up = nn.Parameter(torch.randn(base.out_features, 2) * 0.1)

    def forward(self, x):
        return self.base(x) + x @ self.down.t() @ self.up.t()


body, head = Adapted(nn.Linear(5, 8)), nn.Linear(8, 3)
body.requires_grad_(False)
opt = torch.optim.AdamW([body.down, body.up, *head.parameters()], 1e-2)
for epoch in range(4):
    if epoch == 10:
        body.down.requires_grad_(True)
        body.up.requires_grad_(True)
    opt.zero_grad()
    scores = head(body(torch.randn(16, 5)).relu())
    nn.functional.cross_entropy(scores, torch.randint(0, 3, (16,))).backward()
    opt.step()
