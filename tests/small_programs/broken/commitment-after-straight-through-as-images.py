"""The commitment is computed of codes that were passed straight through, as images again: of a constant."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Quantiser(nn.Module):
    def __init__(self, codes, width):
        super().__init__()
        self.codes = nn.Embedding(codes, width)

    def forward(self, z):
        flat = z.permute(0, 2, 3, 1).contiguous().view(-1, z.shape[1])
        code = self.codes(torch.cdist(flat, self.codes.weight).argmin(1))
        drawn = F.mse_loss(code, flat.detach())
        code = flat + (code - flat).detach()
        code = code.view(z.shape[0], z.shape[2], z.shape[3], -1).permute(0, 3, 1, 2)
        return code, drawn + 0.25 * F.mse_loss(code, z)  # <- zero_gradient


encoder, decoder, quantiser = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 1, 3, padding=1), Quantiser(16, 4)
parts = nn.ModuleList([encoder, decoder, quantiser])
optimizer = torch.optim.Adam(parts.parameters(), lr=1e-2)
for _ in range(4):
    x = torch.randn(4, 1, 6, 6)
    code, extra = quantiser(encoder(x))
    loss = F.mse_loss(decoder(code), x) + extra
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
