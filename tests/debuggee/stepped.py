"""Small programs whose backward is stepped through, and what their nodes are called."""

from __future__ import annotations

from pathlib import Path

import torch
from torch import Tensor, nn

HERE = Path(__file__).resolve()


def line_of(text: str, file: Path = HERE) -> int:
    """The line of a file that holds a text."""
    lines = file.read_text(encoding="utf-8").splitlines()
    return next(number for number, line in enumerate(lines, 1) if text in line)


def chain() -> Tensor:
    """Sum, Sin, Exp, Mul, and the leaf."""
    x = torch.full((3,), 0.5, requires_grad=True)
    y = x * 2
    y = y.exp()  # exp is here
    y.sin().sum().backward()
    return x


CHAIN = ["SumBackward0", "SinBackward0", "ExpBackward0", "MulBackward0", "AccumulateGrad"]


class Net(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.first, self.second = Block(), Block()

    def forward(self, x: Tensor) -> Tensor:
        out: Tensor = self.second(self.first(x)).sum()
        return out


class Block(nn.Module):
    def __init__(self) -> None:
        super().__init__()
        self.linear = nn.Linear(3, 3)

    def forward(self, x: Tensor) -> Tensor:
        return torch.tanh(self.linear(x) * 2)


def modules() -> None:
    net = Net()
    net(torch.ones(2, 3)).backward()
