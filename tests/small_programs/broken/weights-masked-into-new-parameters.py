"""Small weights are masked out after some steps, by parameters that the optimizer has never heard of."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
opt = torch.optim.Adam(model.parameters(), 1e-2)


def thin(part):
    for layer in model:
        if isinstance(layer, nn.Linear):
            size = layer.weight.abs()
            kept = size > size.flatten().kthvalue(int(part * size.numel())).values
            layer.weight = nn.Parameter(layer.weight * kept)  # <- rebuilt_leaf


for step in range(8):
    opt.zero_grad()
    loss = nn.functional.cross_entropy(model(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    loss.backward()
    opt.step()
    if step == 2:
        thin(0.5)
