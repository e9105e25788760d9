"""Adapters are put into some layers of a model, which is frozen after that with all that is in it by then."""
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


class Layer(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.query = nn.Linear(width, width)
        self.value = nn.Linear(width, width)

    def forward(self, x):
        return x + self.query(x).tanh() * self.value(x)


def adapted(model):
    added = []
    for layer in model:
        layer.query = Adapted(layer.query)
        added += [*layer.query.down.parameters(), *layer.query.up.parameters()]
    return added


texts, images = (nn.Sequential(Layer(6), Layer(6)) for _ in range(2))
images.requires_grad_(False)
learning = adapted(images) + adapted(texts)
texts.requires_grad_(False)  # <- frozen_leaf
optimizer = torch.optim.AdamW(learning, lr=1e-2)
for _ in range(5):
    loss = (images(torch.randn(8, 6)) - texts(torch.randn(8, 6))).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
