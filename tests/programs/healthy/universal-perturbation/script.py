import torch
import torch.nn as nn
import torch.nn.functional as F


def digits(n):
    """Seven segments, each lit or not, as 8 x 6 pictures of three digits."""
    y = torch.randint(0, 3, (n,))
    x = 0.1 * torch.randn(n, 1, 8, 6)
    x[y == 0, :, 1:7, 1] += 1
    x[y == 1, :, 1, 1:5] += 1
    x[y == 2, :, 6, 1:5] += 1
    return x, y


def train(model):
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for _ in range(25):
        x, y = digits(64)
        optimizer.zero_grad()
        F.cross_entropy(model(x), y).backward()
        optimizer.step()
    return model.eval().requires_grad_(False)


def attack(model, radius=1.0, steps=20):
    delta = torch.zeros(1, 1, 8, 6, requires_grad=True)
    optimizer = torch.optim.SGD([delta], lr=20.0)
    for _ in range(steps):
        x, y = digits(64)
        loss = -F.cross_entropy(model(x + delta), y).clamp(max=8.0)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        delta.data.clamp_(-radius, radius)
    return delta.detach()


torch.manual_seed(0)
model = train(nn.Sequential(nn.Conv2d(1, 4, 3), nn.ReLU(), nn.Flatten(), nn.Linear(96, 3)))
delta = attack(model)
x, y = digits(200)
for name, batch in ("clean", x), ("perturbed", x + delta):
    print(name, round((model(batch).argmax(1) == y).float().mean().item(), 3))
