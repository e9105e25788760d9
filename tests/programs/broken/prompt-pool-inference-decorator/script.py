import torch
import torch.nn as nn
import torch.nn.functional as F


class PromptPool(nn.Module):
    def __init__(self, size=5, dim=16):
        super().__init__()
        self.prompts = nn.Parameter(0.1 * torch.randn(size, dim))
        self.mix = nn.Linear(dim, dim)

    @torch.inference_mode()
    def lookup(self, task):
        return torch.tanh(self.mix(self.prompts[task]))


class PromptedClassifier(nn.Module):
    def __init__(self, features=10, dim=16, classes=3):
        super().__init__()
        self.pool = PromptPool(dim=dim)
        self.body = nn.Linear(features, dim)
        self.head = nn.Sequential(nn.LayerNorm(dim), nn.ReLU(), nn.Linear(dim, classes))

    def forward(self, x, task):
        h = self.body(x)
        h = h + self.pool.lookup(task)
        return self.head(h)


def episodes(n, features=10):
    rules = torch.randn(5, features, 3)
    for i in range(n):
        task = torch.randint(0, 5, (24,))
        x = torch.randn(24, features)
        yield x, task, torch.einsum("bf,bfc->bc", x, rules[task]).argmax(1)


torch.manual_seed(0)
model = PromptedClassifier()
optimizer = torch.optim.Adam(model.parameters(), lr=5e-3)
for i, (x, task, y) in enumerate(episodes(16)):
    loss = F.cross_entropy(model(x, task), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if i % 5 == 0:
        print(f"{i} {loss.item():.4f}")
