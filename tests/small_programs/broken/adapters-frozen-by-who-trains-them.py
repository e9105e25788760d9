import torch
from torch import nn

base, adapter = nn.Sequential(nn.Linear(4, 8), nn.Tanh()), nn.Linear(8, 1)


def adapt():
    for parameter in base.parameters():
        parameter.requires_grad = False
    return nn.Sequential(base, adapter)


def prepare(model):
    for parameter in model.parameters():
        parameter.requires_grad = False  # <- frozen_leaf
    return model


model = prepare(adapt())
optimizer = torch.optim.AdamW(model.parameters(), lr=0.01)
for step in range(12):
    x = torch.randn(8, 4).requires_grad_()
    loss = (model(x) - x.detach().sum(1, keepdim=True)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
