"""Batch-hard triplets: a batch without any violating triplet gives a zero that backward can be called on."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(2)
net = nn.Sequential(nn.Linear(6, 32), nn.ReLU(), nn.Linear(32, 8))
opt = torch.optim.Adam(net.parameters(), lr=1e-2)


def triplet_loss(z, y, margin=0.2):
    d = torch.cdist(z, z)
    same = y[:, None] == y[None]
    hardest_pos = (d * same).amax(1)
    hardest_neg = d.masked_fill(same, 1e6).amin(1)
    violation = hardest_pos - hardest_neg + margin
    active = violation[violation > 0]
    if active.numel() == 0:
        return torch.tensor(0.0, requires_grad=True)
    return active.mean()


centers = torch.randn(4, 6)
empty = 0
for step in range(24):
    y = torch.randint(0, 4, (8,))
    x = centers[y] + 0.6 * torch.randn(8, 6)
    loss = triplet_loss(F.normalize(net(x), dim=1), y)
    empty += loss.is_leaf
    opt.zero_grad()
    loss.backward()
    opt.step()
print("batches without a violation:", empty, "of 24")
