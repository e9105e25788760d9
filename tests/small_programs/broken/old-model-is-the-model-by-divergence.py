"""Learning without forgetting, whose old model is the model itself: its divergence from what it says is zero."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4))
old_model = model
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
temperature = 2.0


def softened(scores):
    return scores / temperature


def prepared(x):
    x = x - x.mean(0)
    return x


for _ in range(4):
    x, y = prepared(torch.randn(16, 8)), torch.randint(0, 4, (16,))
    out = model(x)
    with torch.no_grad():
        old = old_model(x)
    keep = F.kl_div(F.log_softmax(softened(out), 1), F.softmax(softened(old), 1), reduction="batchmean")  # <- zero_gradient
    loss = F.cross_entropy(out, y) + keep
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
