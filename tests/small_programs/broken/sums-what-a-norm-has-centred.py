import torch
from torch import nn

torch.manual_seed(0)
body = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 16))
norm, shift = nn.LayerNorm(16, elementwise_affine=False), nn.Linear(6, 1)
optimizer = torch.optim.SGD([*body.parameters(), *shift.parameters()], lr=0.05)
for step in range(8):
    x = torch.randn(16, 6)
    energies = norm(body(x)).sum(1, keepdim=True) + shift(x)  # <- zero_gradient
    loss = (energies - x.square().sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
