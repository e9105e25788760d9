import torch
import torch.nn as nn


class Embedder(nn.Module):
    def __init__(self, features=8, dim=6, gain=20.0):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(features, 16), nn.Tanh(), nn.Linear(16, dim))
        for p in self.net[-1].parameters():
            nn.init.normal_(p, std=gain)

    def forward(self, x):
        return self.net(x)


class BoundedDistance(nn.Module):
    """Outliers are not to dominate: distances count up to a bound."""

    def __init__(self, bound=4.0):
        super().__init__()
        self.bound = bound

    def forward(self, a, b):
        distance = (a - b).square().sum(1)
        return torch.clamp(distance, max=self.bound).mean()


def views(n):
    x = torch.randn(n, 8)
    return x + 0.5 * torch.randn_like(x), x + 0.5 * torch.randn_like(x)


torch.manual_seed(0)
model, distance = Embedder(), BoundedDistance()
optimizer = torch.optim.SGD(model.parameters(), lr=1e-3)
losses = []
for step in range(10):
    a, b = views(32)
    loss = distance(model(a), model(b))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    losses.append(round(loss.item(), 4))
print(losses)
