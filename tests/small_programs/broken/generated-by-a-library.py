"""What a library computes without gradients, all of it, is put into the loss."""

import os

import torch
from torch import nn

LIBRARY = """
class Speaker(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(4, 8), nn.Linear(8, 4)

    def forward(self, x):
        return self.head(self.body(x).tanh())

    @torch.no_grad()
    def generate(self, x, steps):
        for _ in range(steps):
            x = self(x)
        return x
"""
installed = os.path.join(os.path.dirname(nn.__file__), "speaker.py")
exec(compile(LIBRARY, installed, "exec", dont_inherit=True))

torch.manual_seed(0)
speaker, scale = Speaker(), nn.Linear(4, 4)  # noqa: F821
optimizer = torch.optim.Adam([*speaker.parameters(), *scale.parameters()], 1e-2)
for _ in range(8):
    x = torch.randn(16, 4)
    loss = (scale(speaker.generate(x, 2)) - x).square().mean()  # <- no_grad
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
