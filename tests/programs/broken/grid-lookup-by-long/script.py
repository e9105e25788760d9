import torch
import torch.nn as nn
import torch.nn.functional as F


class Localiser(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.net = nn.Sequential(nn.Flatten(), nn.Linear(size * size, 16), nn.ReLU(), nn.Linear(16, 2))

    def forward(self, x):
        return torch.tanh(self.net(x))


def crop_at(x, centre, half=3):
    """A small window of every image around its centre in [-1, 1]."""
    n, _, size, _ = x.shape
    middle = (centre + 1) / 2 * (size - 1)
    rows, cols = middle.long().clamp(half, size - half - 1).unbind(1)
    span = torch.arange(-half, half + 1)
    r = (rows[:, None] + span)[:, :, None]
    c = (cols[:, None] + span)[:, None, :]
    return x[torch.arange(n)[:, None, None], 0, r, c]


class GlimpseNet(nn.Module):
    def __init__(self, size=14, classes=2):
        super().__init__()
        self.locate = Localiser(size)
        self.classify = nn.Sequential(nn.Flatten(), nn.Linear(49, 16), nn.ReLU(), nn.Linear(16, classes))

    def forward(self, x):
        return self.classify(crop_at(x, self.locate(x)))


torch.manual_seed(0)
net = GlimpseNet()
optimizer = torch.optim.Adam(net.parameters(), lr=3e-3)
for step in range(12):
    y = torch.randint(0, 2, (16,))
    x = 0.2 * torch.randn(16, 1, 14, 14)
    x[torch.arange(16), 0, torch.randint(3, 11, (16,)), 6] += 2.0 * y
    loss = F.cross_entropy(net(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
