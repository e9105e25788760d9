import torch
import torch.nn as nn
import torch.nn.functional as F


class SmoothedLoss:
    """The stochastic loss is noisy: train on its moving average."""

    def __init__(self, beta=0.9):
        self.beta = beta
        self.average = None

    def __call__(self, loss):
        if self.average is None:
            self.average = loss
        else:
            self.average = self.beta * self.average + (1 - self.beta) * loss
        return self.average


def minibatches(x, y, size):
    order = torch.randperm(len(x))
    for index in order.split(size):
        yield x[index], y[index]


torch.manual_seed(0)
x = torch.randn(128, 6)
y = (x[:, 0] * x[:, 1] > 0).float()
model = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.SGD(model.parameters(), lr=0.5)
smooth = SmoothedLoss()
for epoch in range(4):
    for xb, yb in minibatches(x, y, 32):
        loss = F.binary_cross_entropy_with_logits(model(xb).squeeze(1), yb)
        objective = smooth(loss)
        optimizer.zero_grad()
        objective.backward()
        optimizer.step()
    print(f"epoch {epoch} {objective.item():.4f}")
