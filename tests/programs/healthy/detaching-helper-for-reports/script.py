import torch
import torch.nn as nn
import torch.nn.functional as F


def to_prob(logits, temperature=1.0):
    return (logits / temperature).softmax(-1).detach()


def entropy(logits):
    p = to_prob(logits)
    return -(p * p.clamp_min(1e-9).log()).sum(-1).mean().item()


class ZeroShot(nn.Module):
    LABELS = ((0, 1, 2), (3, 4), (5, 6, 7, 8), (9, 10))

    def __init__(self, features=10, dim=8):
        super().__init__()
        self.words, self.image = nn.Embedding(11, dim), nn.Linear(features, dim)
        self.cache = {}

    def train(self, mode=True):
        self.cache.clear()
        return super().train(mode)

    def label(self, label):
        if self.training:
            return self.words(torch.tensor(label)).mean(0)
        if label not in self.cache:
            self.cache[label] = self.words(torch.tensor(label)).mean(0)
        return self.cache[label]

    def forward(self, x):
        return self.image(x) @ torch.stack([self.label(k) for k in self.LABELS]).T


@torch.no_grad()
def evaluate(model, x, y):
    model.eval()
    right = [(to_prob(model(part)).argmax(1) == target).float().mean() for part, target in zip(x.split(20), y.split(20))]
    model.train()
    return torch.stack(right).mean().item()


torch.manual_seed(0)
model = ZeroShot()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
prototypes = torch.randn(4, 10)
for epoch in range(3):
    for _ in range(4):
        y = torch.randint(0, 4, (40,))
        x = prototypes[y] + 0.5 * torch.randn(40, 10)
        logits = model(x)
        loss = F.cross_entropy(logits, y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f} entropy {entropy(logits):.3f} accuracy {evaluate(model, x, y):.2f}")
