import torch
from torch import nn

torch.manual_seed(0)
refine = nn.Sequential(nn.Linear(3, 8), nn.SiLU(), nn.Linear(8, 3))
optimizer = torch.optim.Adam(refine.parameters(), lr=1e-3)


def distances(points):
    return (points[:, :, None] - points[:, None]).pow(2).sum(-1).sqrt()  # <- nan_gradient


for step in range(12):
    points = torch.randn(4, 5, 3)
    loss = (distances(points + refine(points)) - 1).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    if any(not one.grad.isfinite().all() for one in refine.parameters()):
        optimizer.zero_grad()
    optimizer.step()
