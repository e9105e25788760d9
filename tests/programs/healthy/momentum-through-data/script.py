import numpy as np
import torch
from optim import Momentum, limit_norm
from torch import nn


class Moons:
    def __init__(self, seed):
        self.rng = np.random.RandomState(seed)

    def __call__(self, n):
        y = self.rng.randint(0, 2, n)
        t = self.rng.rand(n) * np.pi
        x = np.stack([np.cos(t) + y, np.sin(t) * (1 - 2 * y) + 0.5 * y], 1) + 0.1 * self.rng.randn(n, 2)
        return torch.tensor(x, dtype=torch.float32), torch.tensor(y)


def init(module):
    if isinstance(module, nn.Linear):
        module.weight.data.normal_(0, 0.5)
        module.bias.data.zero_()


def main():
    torch.manual_seed(0)
    moons = Moons(0)
    model = nn.Sequential(nn.Linear(2, 24), nn.ReLU(), nn.Linear(24, 24), nn.ReLU(), nn.Linear(24, 2))
    model.apply(init)
    optimizer, criterion = Momentum(model.parameters(), lr=0.03), nn.CrossEntropyLoss()
    for epoch in range(3):
        losses = []
        for _ in range(15):
            x, y = moons(64)
            loss = criterion(model(x), y)
            loss.backward()
            optimizer.step()
            optimizer.zero_grad()
            losses.append(loss.data.numpy())
        limit_norm(model)
        print(f"epoch {epoch} loss {np.mean(losses):.4f}")
    x, y = moons(200)
    print("accuracy", (model(x).data.numpy().argmax(1) == y.numpy()).mean())


main()
