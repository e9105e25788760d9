import torch
import torch.nn as nn
import torch.nn.functional as F


class MultiHead(nn.Module):
    def __init__(self, features=9, width=16, tasks=("sign", "size", "count")):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(features, width), nn.ReLU())
        self.heads = nn.ModuleDict({t: nn.Linear(width, 1) for t in tasks})

    def forward(self, x):
        h = self.trunk(x)
        return {t: head(h).squeeze(1) for t, head in self.heads.items()}


CRITERIA = {
    "sign": F.binary_cross_entropy_with_logits,
    "size": F.l1_loss,
    "count": lambda p, t: F.poisson_nll_loss(p, t),
}


class LossMeter:
    def __init__(self, weights):
        self.weights = weights
        self.totals = {t: 0.0 for t in weights}

    def add(self, task, loss):
        value = loss.item()
        self.totals[task] += value
        return self.weights[task] * value


def targets(x):
    return {"sign": (x[:, 0] > 0).float(), "size": x.norm(dim=1), "count": (x > 1).sum(1).float()}


torch.manual_seed(0)
model = MultiHead()
meter = LossMeter({"sign": 1.0, "size": 0.5, "count": 0.2})
optimizer = torch.optim.Adam(model.parameters(), lr=3e-3)
for step in range(10):
    x = torch.randn(48, 9)
    outputs, wanted = model(x), targets(x)
    total = sum(meter.add(task, CRITERIA[task](outputs[task], wanted[task])) for task in outputs)
    optimizer.zero_grad()
    total.backward()
    optimizer.step()
print({task: round(value / 10, 4) for task, value in meter.totals.items()})
