"""A classifier of sensor windows that dies before its loss.

What is wrong: every window holds 6 channels of 32 samples, and `encode` takes one sample of all
channels, `windows[:, :, -1]`, where it wants all samples of one channel, `windows[:, 0]`. The encoder
gets 6 numbers instead of 32 and raises "mat1 and mat2 shapes cannot be multiplied".

What gradtui says: `other`, an error in `encode`, at the line that raises. It is a matter of shapes and
not of gradients: indexing keeps the graph, and no line here stops tracking. No gradient could be
judged, because no loss was made.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F

CHANNELS, SAMPLES, CLASSES = 6, 32, 4


class WindowClassifier(nn.Module):
    def __init__(self, hidden: int = 24) -> None:
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(SAMPLES, hidden), nn.ReLU())
        self.head = nn.Linear(hidden, CLASSES)

    def encode(self, windows: Tensor) -> Tensor:
        reference = windows[:, :, -1]
        return self.encoder(reference)

    def forward(self, windows: Tensor) -> Tensor:
        return self.head(self.encode(windows))


def batches(count: int, size: int = 16) -> list[tuple[Tensor, Tensor]]:
    windows = torch.randn(count, size, CHANNELS, SAMPLES)
    labels = torch.randint(CLASSES, (count, size))
    return list(zip(windows, labels, strict=True))


def main() -> None:
    torch.manual_seed(0)
    model = WindowClassifier()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-3)
    for step, (windows, labels) in enumerate(batches(10), 1):
        loss = F.cross_entropy(model(windows), labels)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
