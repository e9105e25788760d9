"""The straight-through line begins with the codes and adds what the encoder gave: the encoder gets no gradient by it."""
import torch
from torch import nn

torch.manual_seed(0)
encoder, codes, decoder = nn.Linear(6, 4), nn.Embedding(8, 4), nn.Linear(4, 6)
optimizer = torch.optim.Adam([*encoder.parameters(), *codes.parameters(), *decoder.parameters()], 1e-2)
for _ in range(8):
    x = torch.randn(32, 6)
    z = encoder(x)
    nearest = torch.cdist(z, codes.weight).argmin(1)
    code = codes(nearest)
    commit = (code.detach() - z).square().mean() + (code - z.detach()).square().mean()
    passed = code + (z - code).detach()  # <- detach
    loss = (decoder(passed) - x).square().mean() + 0.25 * commit
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
