"""The last block of each of two towers is held by the optimizer and frozen until a later epoch."""
import torch
from torch import nn

torch.manual_seed(0)


class Tower(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(width, width), nn.Tanh()) for _ in range(2))

    def forward(self, x):
        for block in self.blocks:
            x = x + block(x)
        return x


images, texts, scale = Tower(6), Tower(6), nn.Parameter(torch.tensor(1.0))
for tower in (images, texts):
    tower.requires_grad_(False)
last = [p for tower in (images, texts) for p in tower.blocks[-1].parameters()]
optimizer = torch.optim.AdamW([scale, *last], lr=1e-2)
for epoch in range(6):
    for tower in (images, texts):
        tower.blocks[-1].requires_grad_(epoch >= 40)
    alike = scale * images(torch.randn(8, 6)) @ texts(torch.randn(8, 6)).t()
    loss = nn.functional.cross_entropy(alike, torch.arange(8))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
