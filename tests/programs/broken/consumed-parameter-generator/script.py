import itertools

import torch
import torch.nn as nn
import torch.nn.functional as F


class TwoTower(nn.Module):
    def __init__(self, dim=8):
        super().__init__()
        self.left = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, dim))
        self.right = nn.Sequential(nn.Linear(9, 16), nn.ReLU(), nn.Linear(16, dim))
        self.score = nn.Bilinear(dim, dim, 1)

    def forward(self, a, b):
        return self.score(self.left(a), self.right(b)).squeeze(1)


def count(parameters):
    return sum(p.numel() for p in parameters)


def configure(model, lr):
    towers = itertools.chain(model.left.parameters(), model.right.parameters())
    print(f"towers: {count(towers)} weights")
    return torch.optim.Adam([{"params": towers, "lr": lr / 10}, {"params": model.score.parameters(), "lr": lr}])


if __name__ == "__main__":
    torch.manual_seed(0)
    model = TwoTower()
    optimizer = configure(model, lr=1e-2)
    for step in range(15):
        a, b = torch.randn(32, 6), torch.randn(32, 9)
        match = (a[:, 0] * b[:, 0] > 0).float()
        loss = F.binary_cross_entropy_with_logits(model(a, b), match)
        model.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"loss {loss.item():.4f}")
