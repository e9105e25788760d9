"""A denoiser whose backward raises far from the line that broke it.

What is wrong: `forward` adds an offset in place, `hidden += self.offset`, to the output of a ReLU. ReLU
has kept that very tensor for its backward, which therefore raises "... is at version 1; expected
version 0 instead" in the line of `loss.backward()`, with no word about the line that wrote.

What gradtui says: `inplace_version`, an error at the line of the write, before backward has run.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Denoiser(nn.Module):
    def __init__(self, size: int = 64, hidden: int = 32) -> None:
        super().__init__()
        self.encoder = nn.Linear(size, hidden)
        self.decoder = nn.Linear(hidden, size)
        self.offset = 0.1

    def forward(self, noisy: Tensor) -> Tensor:
        hidden = torch.relu(self.encoder(noisy))
        hidden += self.offset
        return self.decoder(hidden)


def main() -> None:
    torch.manual_seed(0)
    clean = torch.sin(torch.linspace(0, 12, 64)).repeat(128, 1)
    model = Denoiser()
    optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
    for step in range(1, 21):
        noisy = clean + 0.2 * torch.randn_like(clean)
        loss = F.mse_loss(model(noisy), clean)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"step {step:2}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
