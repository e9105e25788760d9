import torch
from torch import nn

torch.manual_seed(0)
RATE = 0.02
body, head = nn.Linear(4, 4), nn.Linear(4, 1)
slow = RATE // 10  # <- other
opt = torch.optim.Adam([{"params": body.parameters(), "lr": slow}, {"params": head.parameters()}], lr=RATE)
for _ in range(4):
    loss = (head(body(torch.randn(8, 4))) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
