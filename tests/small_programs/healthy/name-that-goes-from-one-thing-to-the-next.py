import torch
from torch import nn

torch.manual_seed(0)
first, second, spare = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 1)
spare.requires_grad_(False)
optimizer = torch.optim.Adam([*first.parameters(), *second.parameters()], lr=1e-2)
for _ in range(8):
    x = torch.randn(16, 4)
    out = first(x)
    out = torch.relu(out)
    score = spare(out)
    score = second(out)
    loss = (score - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
