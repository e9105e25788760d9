import torch
import torch.nn.functional as F

from model import AdaptedMLP


def spirals(n):
    y = torch.randint(0, 2, (n,))
    t = 3 * torch.rand(n) + 0.5
    angle = 2 * t + 3.14 * y
    return torch.stack([t * torch.cos(angle), t * torch.sin(angle)], 1), y


torch.manual_seed(0)
model = AdaptedMLP(2, 16, 2, depth=3)
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(20):
    x, y = spirals(64)
    loss = F.cross_entropy(model(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"{sum(p.numel() for p in model.parameters())} weights, loss {loss.item():.4f}")
