"""The encoder is to be frozen, and the decoder's attention to it is too: its name has that word in it."""

import torch
from torch import nn


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(3, 4), nn.Tanh())
        self.decoder = nn.ModuleDict({"embed": nn.Linear(4, 4), "to_encoder": nn.Linear(4, 4), "out": nn.Linear(4, 1)})

    def forward(self, x, y):
        h = self.decoder["embed"](y)
        return self.decoder["out"](torch.tanh(h + self.decoder["to_encoder"](self.encoder(x))))


torch.manual_seed(0)
model, frozen = Model(), ("encoder",)
for name, parameter in model.named_parameters():
    if any(word in name for word in frozen):
        parameter.requires_grad = False  # <- frozen_leaf
optimizer = torch.optim.Adam(model.decoder.parameters(), lr=1e-2)

for _ in range(4):
    x, y = torch.randn(8, 3), torch.randn(8, 4)
    loss = (model(x, y) - x.sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
