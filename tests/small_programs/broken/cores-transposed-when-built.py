import torch
from torch import nn


class Cores(nn.Module):
    def __init__(self):
        super().__init__()
        self.cores = nn.ParameterList(nn.Parameter(torch.randn(3, 3)) for _ in range(2))


class Product(nn.Module):
    def __init__(self):
        super().__init__()
        self.weight = Cores()
        self.transposed = [core.t().contiguous() for core in self.weight.cores]  # <- rebuilt_leaf

    def forward(self, x):
        first, second = self.transposed
        return x @ (first + second)


torch.manual_seed(0)
model, head = Product(), nn.Linear(3, 1)
optimizer = torch.optim.SGD([*model.parameters(), *head.parameters()], lr=0.01)
for _ in range(6):
    loss = head(model(torch.randn(8, 3))).sub(1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
