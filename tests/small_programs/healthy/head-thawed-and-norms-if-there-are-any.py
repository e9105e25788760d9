"""Norms and head are tuned, where there are any norms: here there are none."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

model = nn.Sequential()
model.add_module("encoder", nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 32), nn.ReLU()))
model.add_module("head", nn.Linear(32, 3))
for name, parameter in model.named_parameters():
    if name.startswith("head"):
        parameter.requires_grad = True
    elif "norm" in name:
        parameter.requires_grad = True
    else:
        parameter.requires_grad = False
optimizer = torch.optim.AdamW(model.parameters(), lr=1e-2)
x, y = torch.randn(96, 10), torch.randint(0, 3, (96,))
for epoch in range(5):
    optimizer.zero_grad()
    loss = F.cross_entropy(model(x), y)
    loss.backward()
    optimizer.step()
