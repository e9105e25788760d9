import torch
from torch import nn
from torch.nn import functional as F


def judged(scores, labels):
    hits = ((scores > 0).float() == labels).float().mean().item()
    return F.binary_cross_entropy_with_logits(scores, labels), hits


torch.manual_seed(0)
layers = nn.ModuleList([nn.Linear(4, 1), nn.Linear(4, 1)])
optimizer = torch.optim.SGD(layers.parameters(), lr=0.1)
for _ in range(8):
    x, labels = torch.randn(8, 4), torch.bernoulli(torch.full((8, 1), 0.5))
    loss, seen = 0.0, []
    for layer in layers:
        part, hits = judged(layer(x), labels)
        loss = loss + part
        seen.append(hits)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
