"""The commitment is computed once the codes are passed straight through: it is the square of a constant."""
import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 4), nn.Linear(4, 6)
codes = torch.randn(8, 4)
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-2)
for _ in range(8):
    x = torch.randn(32, 6)
    z = encoder(x)
    code = codes[torch.cdist(z, codes).argmin(1)]
    code = z + (code - z).detach()
    commit = (code - z).square().mean()  # <- zero_gradient
    loss = (decoder(code) - x).square().mean() + 0.25 * commit
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
