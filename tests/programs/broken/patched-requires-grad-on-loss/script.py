import torch
import torch.nn as nn
import torch.nn.functional as F


class SoftClusters(nn.Module):
    def __init__(self, features=5, clusters=4):
        super().__init__()
        self.centres = nn.Parameter(torch.randn(clusters, features))
        self.embed = nn.Linear(features, features)

    def forward(self, x):
        return -torch.cdist(self.embed(x), self.centres)


def co_occurrence(assign):
    return assign @ assign.t()


def pair_loss(scores, same):
    hard = F.one_hot(scores.argmax(1), scores.shape[1]).float()
    together = co_occurrence(hard)
    return (together - same).square().mean()


def train(model, optimizer, batches):
    for x, same in batches:
        loss = pair_loss(model(x), same)
        loss.requires_grad_(True)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        yield loss.item()


def pairs(n, size=24):
    for _ in range(n):
        label = torch.randint(0, 4, (size,))
        x = F.one_hot(label, 5).float() * 2 + 0.3 * torch.randn(size, 5)
        yield x, (label[:, None] == label).float()


torch.manual_seed(0)
model = SoftClusters()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
history = list(train(model, optimizer, pairs(12)))
print(f"first {history[0]:.4f} last {history[-1]:.4f}")
