"""Adapters are left to learn where the layers around them are frozen; later all of "encoder" is, with them."""
import torch
from torch import nn

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base, rank=2):
        super().__init__()
        self.base = base
        self.down = nn.Linear(base.in_features, rank, bias=False)
        self.up = nn.Linear(rank, base.out_features, bias=False)

    def forward(self, x):
        return self.base(x) + self.up(self.down(x))


def adapted(model):
    for parameter in model.encoder.parameters():
        parameter.requires_grad = False
    for place, layer in enumerate(model.encoder):
        model.encoder[place] = Adapted(layer)
    return model


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.ModuleList(nn.Linear(6, 6) for _ in range(2))
        self.head = nn.Linear(6, 3)

    def forward(self, x):
        for layer in self.encoder:
            x = layer(x).tanh()
        return self.head(x)


model = adapted(Model())
for name, parameter in model.named_parameters():
    if "encoder" in name:
        parameter.requires_grad = False  # <- frozen_leaf
optimizer = torch.optim.AdamW([p for p in model.parameters() if p.requires_grad], lr=1e-2)
for _ in range(5):
    loss = nn.functional.cross_entropy(model(torch.randn(8, 6)), torch.randint(0, 3, (8,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
