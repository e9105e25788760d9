import torch
from torch import nn
from torch.func import vmap

torch.manual_seed(0)
weights = nn.Parameter(torch.randn(3, 4))
scale = nn.Parameter(torch.ones(()))
optimizer = torch.optim.SGD([weights, scale], lr=0.1)
for _ in range(3):
    x = torch.randn(4)
    with torch.no_grad():
        members = vmap(lambda weight, x: (weight * x).sum(), in_dims=(0, None))(weights, x)  # <- no_grad
    loss = (members * scale - x.sum()).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
