"""A forecaster that runs to its end, prints a loss at every epoch, and learns nothing.

What is wrong: the predictions go through NumPy and back on their way to the loss, a leftover of the
time when the loss came from a NumPy library, and `torch.from_numpy` makes a tensor without a graph.
That alone would raise "element 0 of tensors does not require grad". But the targets require grad, left
over from a sensitivity study: so the loss does too, backward succeeds, and every `.grad` of the network
stays None.

What gradtui says: `numpy_roundtrip`, an error at the line with `torch.from_numpy`, for all four
parameters.
"""

from __future__ import annotations

import torch
from torch import Tensor, nn
from torch.nn import functional as F


class Forecaster(nn.Module):
    def __init__(self, lags: int = 10, hidden: int = 5) -> None:
        super().__init__()
        self.fc1 = nn.Linear(lags, hidden)
        self.fc2 = nn.Linear(hidden, 1)

    def forward(self, history: Tensor) -> Tensor:
        return self.fc2(torch.relu(self.fc1(history)))


def series(length: int = 200, lags: int = 10) -> tuple[Tensor, Tensor]:
    """Windows of a noisy sine and the value that follows each."""
    signal = torch.sin(torch.arange(length + lags) / 8) + 0.1 * torch.randn(length + lags)
    windows = signal.unfold(0, lags, 1)[:length]
    return windows, signal[lags:].unsqueeze(1)


def main() -> None:
    torch.manual_seed(0)
    history, future = series()
    future.requires_grad_()
    net = Forecaster()
    optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
    for epoch in range(1, 11):
        out = net(history)
        pred = torch.from_numpy(out.detach().numpy())
        loss = F.mse_loss(pred, future)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        print(f"epoch {epoch:2}: loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
