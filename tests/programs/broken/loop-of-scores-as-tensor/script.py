import dataclasses

import torch
import torch.nn as nn
import torch.nn.functional as F


@dataclasses.dataclass
class Pair:
    better: torch.Tensor
    worse: torch.Tensor


class RewardModel(nn.Module):
    def __init__(self, features=8):
        super().__init__()
        self.trunk = nn.Sequential(nn.Linear(features, 24), nn.Tanh())
        self.value = nn.Linear(24, 1, bias=False)

    def forward(self, steps):
        """The reward of one trajectory: of its last step, with the mean of the others as baseline."""
        values = self.value(self.trunk(steps)).squeeze(-1)
        return values[-1] - values[:-1].mean()


def score_all(model, trajectories):
    return torch.as_tensor([model(t) for t in trajectories])


def preference_loss(model, pairs):
    better = score_all(model, [p.better for p in pairs])
    worse = score_all(model, [p.worse for p in pairs])
    return -F.logsigmoid(better - worse).mean()


def sample_pairs(n):
    for _ in range(n):
        a, b = torch.randn(5, 8), torch.randn(7, 8)
        yield Pair(a, b) if a[-1].sum() > b[-1].sum() else Pair(b, a)


torch.manual_seed(0)
model = RewardModel()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
for epoch in range(4):
    loss = preference_loss(model, list(sample_pairs(12)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"epoch {epoch} loss {loss.item():.4f}")
