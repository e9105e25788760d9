import torch
import torch.nn as nn
import torch.nn.functional as F


class CosineHead(nn.Module):
    def __init__(self, dim, classes, scale=8.0):
        super().__init__()
        self.weight = nn.Parameter(torch.randn(classes, dim))
        self.scale = nn.Parameter(torch.tensor(scale))

    def forward(self, h):
        weight = F.normalize(self.weight.data, dim=1)
        return self.scale * F.normalize(h, dim=1) @ weight.t()


class MarginHead(CosineHead):
    def __init__(self, dim, classes, margin=0.2):
        super().__init__(dim, classes)
        self.margin = margin

    def forward(self, h, y=None):
        logits = super().forward(h)
        if y is not None:
            logits = logits - self.margin * self.scale * F.one_hot(y, logits.shape[1])
        return logits


torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(12, 24), nn.ReLU(), nn.Linear(24, 8))
head = MarginHead(8, 4)
optimizer = torch.optim.SGD([*trunk.parameters(), *head.parameters()], lr=0.05, momentum=0.9)
centres = torch.randn(4, 12)
for step in range(20):
    y = torch.randint(0, 4, (32,))
    x = centres[y] + 0.4 * torch.randn(32, 12)
    loss = F.cross_entropy(head(trunk(x), y), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
