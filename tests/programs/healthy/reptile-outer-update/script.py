import copy

import torch
import torch.nn as nn
import torch.nn.functional as F


class Classifier(nn.Module):
    def __init__(self, d=4, hidden=24, classes=3):
        super().__init__()
        self.layers = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, classes))

    def forward(self, x):
        return self.layers(x)


def task(g):
    centres = 1.5 * torch.randn(3, 4, generator=g)

    def batch(n=30):
        y = torch.randint(0, 3, (n,), generator=g)
        return centres[y] + 0.5 * torch.randn(n, 4, generator=g), y

    return batch


def train_copy(meta, batch, steps=5, lr=0.1):
    fast = copy.deepcopy(meta)
    optimizer = torch.optim.SGD(fast.parameters(), lr=lr)
    for _ in range(steps):
        x, y = batch()
        loss = F.cross_entropy(fast(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return fast, loss.item()


@torch.no_grad()
def point_towards(meta, copies):
    """The gradient of Reptile: from the mean of the adapted copies to the meta weights."""
    for slow, *fast in zip(meta.parameters(), *(c.parameters() for c in copies)):
        slow.grad = slow - torch.stack(fast).mean(0)


def main():
    torch.manual_seed(0)
    g = torch.Generator().manual_seed(1)
    meta = Classifier()
    outer = torch.optim.SGD(meta.parameters(), lr=0.5, momentum=0.5)
    for step in range(8):
        results = [train_copy(meta, task(g)) for _ in range(3)]
        point_towards(meta, [model for model, _ in results])
        outer.step()
        outer.zero_grad()
        print(f"step {step} loss after adaptation {sum(loss for _, loss in results) / 3:.4f}")


if __name__ == "__main__":
    main()
