import torch
from torch import nn

torch.manual_seed(0)
net = nn.Module()
net.layer = nn.ModuleList(nn.Linear(4, 4) for _ in range(12))
net.head = nn.Linear(4, 1)
for name, p in net.named_parameters():
    if name.startswith(("layer.0", "layer.1")):
        p.requires_grad = False  # <- frozen_leaf
opt = torch.optim.SGD([*(p for i in range(2, 12) for p in net.layer[i].parameters()), *net.head.parameters()], lr=0.1)
for _ in range(3):
    h = torch.randn(8, 4)
    for layer in net.layer:
        h = torch.tanh(layer(h)) + h
    opt.zero_grad()
    net.head(h).square().mean().backward()
    opt.step()
