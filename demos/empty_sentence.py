"""Attention over sentences of which one, in the fourth batch, has no word: its softmax is NaN.

Nothing raises. The loss is NaN from there on; backward only spreads what the forward pass has made.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

WORDS, WIDTH, LONGEST = 50, 16, 8


class Attention(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.query = nn.Parameter(torch.randn(WIDTH) / WIDTH**0.5)

    def forward(self, words: Tensor, padding: Tensor) -> Tensor:
        scores = words @ self.query
        scores = scores.masked_fill(padding, float("-inf"))
        weights = scores.softmax(dim=1)
        return (weights.unsqueeze(2) * words).sum(1)


class Classifier(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.embedding = nn.Embedding(WORDS, WIDTH)
        self.attention = Attention()
        self.head = nn.Linear(WIDTH, 2)

    def forward(self, tokens: Tensor, lengths: Tensor) -> Tensor:
        padding = torch.arange(LONGEST) >= lengths.unsqueeze(1)
        return self.head(self.attention(self.embedding(tokens), padding))


def main() -> None:
    torch.manual_seed(0)
    model = Classifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step in range(8):
        tokens = torch.randint(0, WORDS, (12, LONGEST))
        lengths = torch.randint(1, LONGEST + 1, (12,))
        if step == 3:
            lengths[5] = 0
        loss = F.cross_entropy(model(tokens, lengths), tokens[:, 0] % 2)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}  loss {loss.item():.3f}")


if __name__ == "__main__":
    main()
