"""A small transformer that learns to say which token a sequence began with.

What is wrong: nothing. It does much of what gets other scripts into trouble, and does it right: an
evaluation under `no_grad`, `.item()` for the log, predictions by `argmax`, gradients clipped in place,
dropout, a schedule.

What gradtui says: nothing loud; every parameter gets a gradient.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

VOCABULARY, LENGTH, WIDTH = 20, 8, 32


class Copier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.tokens = nn.Embedding(VOCABULARY, WIDTH)
        self.positions = nn.Parameter(0.02 * torch.randn(LENGTH, WIDTH))
        layer = nn.TransformerEncoderLayer(WIDTH, nhead=4, dim_feedforward=64, batch_first=True)
        self.encoder = nn.TransformerEncoder(layer, num_layers=2)
        self.head = nn.Linear(WIDTH, VOCABULARY)

    def forward(self, tokens: Tensor) -> Tensor:
        hidden = self.encoder(self.tokens(tokens) + self.positions)
        return self.head(hidden[:, 0])


def batch(size: int) -> tuple[Tensor, Tensor]:
    tokens = torch.randint(VOCABULARY, (size, LENGTH))
    return tokens, tokens[:, 0]


@torch.no_grad()
def accuracy(model: Copier) -> float:
    model.eval()
    tokens, first = batch(256)
    hits = (model(tokens).argmax(-1) == first).float().mean()
    model.train()
    return hits.item()


def main(steps: int = 30) -> None:
    torch.manual_seed(0)
    model = Copier()
    optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
    schedule = torch.optim.lr_scheduler.CosineAnnealingLR(optimizer, steps)
    for step in range(1, steps + 1):
        tokens, first = batch(64)
        loss = F.cross_entropy(model(tokens), first)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 1.0)
        optimizer.step()
        schedule.step()
        if step % 10 == 0:
            print(f"step {step:3}: loss {loss.item():.4f}, accuracy {accuracy(model):.2f}")


if __name__ == "__main__":
    main()
