"""Two views of a batch are drawn together, one without gradients; their noise is still off in the first steps."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8)), nn.Linear(8, 8)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], lr=1e-2)


def augment(x, strength):
    return x if strength == 0 else x + strength * torch.randn_like(x)


for step in range(5):
    strength = max(0, step - 8) / 100
    x = torch.randn(16, 8)
    first = encoder(augment(x, strength))
    with torch.no_grad():
        view = augment(x, strength)
        second = encoder(view)
    loss = F.mse_loss(decoder(first), x) + F.mse_loss(first, second)
    loss = loss + 0.1 * (first - second).abs().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
