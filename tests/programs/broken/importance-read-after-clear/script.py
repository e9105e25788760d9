import torch
import torch.nn as nn
import torch.nn.functional as F


class Consolidation:
    def __init__(self, model):
        self.model = model
        self.anchor = {n: p.detach().clone() for n, p in model.named_parameters()}
        self.importance = {n: torch.zeros_like(p) for n, p in model.named_parameters()}

    def accumulate(self):
        for name, p in self.model.named_parameters():
            self.importance[name] += p.grad.square()

    def penalty(self, strength):
        return strength * sum(
            (self.importance[n] * (p - self.anchor[n]).square()).sum() for n, p in self.model.named_parameters()
        )


def train(model, optimizer, batches, consolidation=None, regulariser=None):
    for x, y in batches:
        loss = F.cross_entropy(model(x), y)
        if regulariser is not None:
            loss = loss + regulariser.penalty(10.0)
        loss.backward()
        optimizer.step()
        optimizer.zero_grad()
        if consolidation is not None:
            consolidation.accumulate()
    return loss.item()


def task(rule, n=8):
    for _ in range(n):
        x = torch.randn(32, 8)
        yield x, (x @ rule > 0).long()


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 2))
optimizer = torch.optim.SGD(model.parameters(), lr=0.1)
consolidation = Consolidation(model)
print(f"first task {train(model, optimizer, task(torch.randn(8)), consolidation=consolidation):.4f}")
print(f"second task {train(model, optimizer, task(torch.randn(8)), regulariser=consolidation):.4f}")
