"""The norms are frozen by their name, of the encoder and of what is trained alike; all is given to an optimizer."""

import torch
from torch import nn


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.norm, self.linear = nn.LayerNorm(4), nn.Linear(4, 4)

    def forward(self, x):
        return x + torch.tanh(self.linear(self.norm(x)))


torch.manual_seed(0)
model = nn.ModuleDict({"encoder": Block(), "prenorm": nn.LayerNorm(4), "head": Block()})
for name, parameter in model.named_parameters():
    if "norm" in name or name.startswith("encoder"):
        parameter.requires_grad = False
trained = [*model["head"].parameters(), *model["prenorm"].parameters()]
optimizer = torch.optim.SGD(trained, lr=0.1)

for _ in range(4):
    x = torch.randn(8, 4)
    out = model["head"](model["prenorm"](model["encoder"](x)))
    optimizer.zero_grad()
    (out - 1).square().mean().backward()
    optimizer.step()
