"""Losses of several heads, whose outputs are stacked: the weights of all but the first are cut to whole numbers."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
body, heads = nn.Linear(4, 8), nn.ModuleList(nn.Linear(8, 3) for _ in range(3))
optimizer = torch.optim.SGD([*body.parameters(), *heads.parameters()], lr=0.1)
x, labels = torch.randn(16, 4), torch.randint(3, (16,))
weights = labels.new_tensor([1.0, 0.8, 0.6])
for _ in range(6):
    hidden = torch.tanh(body(x))
    loss = 0
    for number, logits in enumerate(torch.stack([head(hidden) for head in heads])):
        loss = loss + weights[number] * F.cross_entropy(logits, labels)  # <- zero_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
