"""The last layer of a frozen body is held by the optimizer, and is thawed when its turn comes."""
import torch
from torch import nn

torch.manual_seed(0)


def set_trainable(module, flag):
    for p in module.parameters():
        p.requires_grad_(flag)


body = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 8), nn.ReLU())
head = nn.Linear(8, 2)
set_trainable(body, False)
opt = torch.optim.Adam([{"params": body[2].parameters(), "lr": 1e-3}, {"params": head.parameters()}], 1e-2)
for epoch in range(3):
    if epoch == 5:
        set_trainable(body[2], True)
    for _ in range(2):
        opt.zero_grad()
        nn.functional.cross_entropy(head(body(torch.randn(8, 4))), torch.randint(0, 2, (8,))).backward()
        opt.step()
