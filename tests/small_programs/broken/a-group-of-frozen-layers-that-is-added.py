import torch
from torch import nn

torch.manual_seed(0)
backbone, head = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 8)), nn.Linear(8, 2)
for parameter in backbone.parameters():
    parameter.requires_grad = False  # <- frozen_leaf
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
for step in range(8):
    if step == 2:
        optimizer.add_param_group({"params": list(backbone.parameters()), "lr": 0.01})
    x, y = torch.randn(8, 6), torch.randint(0, 2, (8,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(head(backbone(x)), y).backward()
    optimizer.step()
