"""Stochastic binary units, straight-through: hard sample forward, probability backward."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.distributions import Bernoulli

torch.manual_seed(0)


class Gate(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.score = nn.Linear(d, d)

    def forward(self, x):
        p = torch.sigmoid(self.score(x))
        hard = Bernoulli(p).sample()
        return (hard - p).detach() + p, p


gate, head = Gate(8), nn.Linear(8, 3)
opt = torch.optim.Adam([*gate.parameters(), *head.parameters()], lr=1e-3)
for step in range(10):
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    m, p = gate(x)
    loss = F.cross_entropy(head(x * m), y) + 0.01 * p.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
