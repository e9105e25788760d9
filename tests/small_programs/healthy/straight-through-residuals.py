"""Codes of what the codes before have left over, each passed straight through."""
import torch
from torch import nn

torch.manual_seed(0)
encoder, decoder = nn.Linear(6, 4), nn.Linear(4, 6)
books = nn.ModuleList(nn.Embedding(8, 4) for _ in range(3))
optimizer = torch.optim.Adam([*encoder.parameters(), *books.parameters(), *decoder.parameters()], 1e-2)
for _ in range(8):
    x = torch.randn(64, 6)
    left, out, commit = encoder(x), 0.0, 0.0
    for book in books:
        code = book(torch.cdist(left, book.weight).argmin(1))
        commit = commit + (code.detach() - left).square().mean() + (code - left.detach()).square().mean()
        passed = left + (code - left).detach()
        left = left - passed.detach()
        out = out + passed
    loss = (decoder(out) - x).square().mean() + 0.25 * commit
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
