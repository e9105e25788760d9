"""A Siamese network with a margin: in many steps no triplet violates it and the gradient is exactly zero."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Siamese(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(4, 16), nn.PReLU(), nn.Linear(16, 3))

    def forward(self, a, p, n):
        return self.net(a), self.net(p), self.net(n)


class TripletLoss(nn.Module):
    def __init__(self, margin):
        super().__init__()
        self.margin = margin

    def forward(self, a, p, n):
        losses = F.relu((a - p).pow(2).sum(1) - (a - n).pow(2).sum(1) + self.margin)
        return losses.mean(), int((losses > 0).sum())


net, criterion = Siamese(), TripletLoss(0.02)
opt = torch.optim.Adam(net.parameters(), 1e-3)
for step in range(10):
    scale = 0.01 if step % 5 else 1.0
    a = torch.randn(3, 4)
    p, n = a + scale * torch.randn(3, 4), a + 3.0 * torch.randn(3, 4)
    loss, active = criterion(*net(a, p, n))
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item(), active)
