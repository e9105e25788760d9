import torch
import torch.nn as nn
import torch.nn.functional as F


def class_weights(y, classes):
    counts = torch.bincount(y, minlength=classes).clamp(min=1)
    return (len(y) / counts.float())[y]


class WeightedTrainer:
    def __init__(self, model, classes, lr=1e-2):
        self.model, self.classes = model, classes
        self.optimizer = torch.optim.Adam(model.parameters(), lr=lr)

    def loss(self, x, y):
        per_sample = F.cross_entropy(self.model(x), y, reduction="none")
        return class_weights(y, self.classes) * per_sample

    def step(self, x, y):
        loss = self.loss(x, y)
        self.optimizer.zero_grad()
        loss.backward()
        self.optimizer.step()
        return loss.detach().mean().item()


def imbalanced(n):
    y = (torch.rand(n) > 0.9).long()
    return torch.randn(n, 4) + y[:, None], y


torch.manual_seed(0)
trainer = WeightedTrainer(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2)), classes=2)
for step in range(10):
    print(f"{step} {trainer.step(*imbalanced(64)):.4f}")
