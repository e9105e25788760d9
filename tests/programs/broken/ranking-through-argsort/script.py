import torch
import torch.nn as nn


def ranks(scores):
    order = scores.argsort(dim=-1)
    return order.argsort(dim=-1).float()


def spearman(a, b):
    a, b = ranks(a), ranks(b)
    a, b = a - a.mean(-1, keepdim=True), b - b.mean(-1, keepdim=True)
    return (a * b).sum(-1) / (a.norm(dim=-1) * b.norm(dim=-1))


def soft_ranks(scores, temperature=0.5):
    return torch.sigmoid((scores.unsqueeze(-1) - scores.unsqueeze(-2)) / temperature).sum(-1)


class Ranker(nn.Module):
    def __init__(self, features=7):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(features, 16), nn.ReLU(), nn.Linear(16, 1))

    def forward(self, documents):
        return self.score(documents).squeeze(-1)


def queries(n, documents=10, features=7):
    x = torch.randn(n, documents, features)
    return x, x[..., 0] + 0.5 * x[..., 1]


if __name__ == "__main__":
    torch.manual_seed(0)
    model = Ranker()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(10):
        documents, relevance = queries(16)
        loss = 1 - spearman(model(documents), relevance).mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step} correlation {1 - loss.item():.3f}")
