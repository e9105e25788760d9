import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
encoder, words = nn.Linear(8, 4), nn.Linear(5, 3)
optimizer = torch.optim.Adam([*encoder.parameters(), *words.parameters()], lr=1e-2)


def decode(h):
    with torch.no_grad():
        return F.linear(torch.tanh(h), encoder.weight.t())  # <- no_grad


for _ in range(5):
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    size = encoder.weight.norm()  # of interest for a while, once
    loss = F.mse_loss(decode(encoder(x)), x) + F.cross_entropy(words(x[:, :5]), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
