"""A head is trained on an encoder that an optimizer has trained before, and that nobody has frozen."""

import torch
from torch import nn


def pretrain(encoder):
    decoder = nn.Linear(6, 5)
    optimizer = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()])
    for _ in range(2):
        x = torch.randn(16, 5)
        optimizer.zero_grad()
        (decoder(encoder(x)) - x).square().mean().backward()
        optimizer.step()


torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(5, 6), nn.Tanh(), nn.Linear(6, 6))
pretrain(encoder)
head = nn.Linear(6, 2)
optimizer = torch.optim.Adam(head.parameters())
for step in range(8):
    optimizer.zero_grad()
    head(encoder(torch.randn(16, 5))).square().mean().backward()
    optimizer.step()
