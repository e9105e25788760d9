"""A matrix is drawn to itself turned round, and a quantised image is committed with its channels in another order."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
encoder, decoder, codes = nn.Conv2d(1, 4, 3, padding=1), nn.Conv2d(4, 1, 3, padding=1), nn.Embedding(16, 4)
friends = nn.Parameter(torch.randn(4, 4))
optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters(), *codes.parameters(), friends], 1e-2)
for _ in range(4):
    x = torch.randn(4, 1, 4, 4)
    z = encoder(x)
    flat = z.permute(0, 2, 3, 1).reshape(-1, 4)
    code = codes(torch.cdist(flat, codes.weight).argmin(1))
    drawn = F.mse_loss(code, flat.detach())
    code = flat + (code - flat).detach()
    turned = code.view(4, 4, 4, 4).permute(0, 3, 2, 1)
    loss = F.mse_loss(decoder(turned), x) + drawn + F.mse_loss(turned, z)
    loss = loss + F.mse_loss(friends, friends.t()) + F.mse_loss(z, z.transpose(2, 3) + torch.ones(4, 4))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
