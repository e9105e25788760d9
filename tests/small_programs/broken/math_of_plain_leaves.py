"""A damped spring whose numbers are worked out by `math`; the program updates its leaves itself."""

import math

import torch

height, damping = torch.tensor(1.5, requires_grad=True), torch.tensor(0.1, requires_grad=True)


def displacement(t):
    return height * math.exp(-damping * t)  # <- python_scalar


for _ in range(3):
    loss = sum((displacement(0.1 * n) - 2.0 * math.exp(-0.035 * n)) ** 2 for n in range(5))
    loss.backward()
    with torch.no_grad():
        for leaf in (height, damping):
            leaf -= 0.02 * leaf.grad
            leaf.grad.zero_()
