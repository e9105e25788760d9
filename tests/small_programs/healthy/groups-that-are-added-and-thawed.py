"""All layers are added as groups of their own while they are frozen, and thawed one after the other."""
import torch
from torch import nn

torch.manual_seed(0)
layers, head = nn.ModuleList(nn.Linear(6, 6) for _ in range(3)), nn.Linear(6, 2)
layers.requires_grad_(False)
optimizer = torch.optim.SGD(head.parameters(), lr=0.1)
for depth, layer in enumerate(layers):
    optimizer.add_param_group({"params": list(layer.parameters()), "lr": 0.01 / (depth + 1)})
for step in range(12):
    if step in (3, 6, 9):
        layers[3 - step // 3].requires_grad_(True)
    x, y = torch.randn(8, 6), torch.randint(0, 2, (8,))
    hidden = x
    for layer in layers:
        hidden = layer(hidden).relu() + x
    optimizer.zero_grad()
    nn.functional.cross_entropy(head(hidden), y).backward()
    optimizer.step()
