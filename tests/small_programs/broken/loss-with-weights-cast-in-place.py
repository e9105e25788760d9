import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Angles(nn.Module):
    def __init__(self):
        super().__init__()
        self.W = nn.Parameter(torch.randn(4, 5))

    def forward(self, x, y):
        self.W.data = F.normalize(self.W.data, dim=0).to(x.dtype)
        return F.cross_entropy(x @ self.W, y)


trunk, criterion = nn.Linear(8, 4), Angles()
opt = torch.optim.Adam(trunk.parameters())  # <- optimizer_mismatch
for _ in range(4):
    loss = criterion(trunk(torch.randn(6, 8)), torch.randint(0, 5, (6,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
