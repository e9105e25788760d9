import torch
import torch.nn as nn


class Generator(nn.Module):
    """Makes the weights of a linear layer from a task's embedding."""

    def __init__(self, tasks, size, dim=6):
        super().__init__()
        self.task = nn.Embedding(tasks, dim)
        self.weight, self.bias = nn.Linear(dim, size), nn.Linear(dim, 1)

    def forward(self, k):
        code = self.task(torch.tensor(k))
        return self.weight(code).unsqueeze(0), self.bias(code)


class HyperRegressor(nn.Module):
    def __init__(self, tasks, features):
        super().__init__()
        self.generator = Generator(tasks, features)
        self.main = nn.Linear(features, 1)

    def load(self, weight, bias):
        with torch.no_grad():
            self.main.weight.copy_(weight)
            self.main.bias.copy_(bias)

    def forward(self, x, k):
        weight, bias = self.generator(k)
        self.load(weight, bias)
        return self.main(x).squeeze(1)
