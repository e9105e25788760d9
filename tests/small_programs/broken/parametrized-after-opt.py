"""Weight norm is put on after the optimizer was built, and puts two new parameters in the place of each weight."""
import torch
from torch import nn
from torch.nn.utils.parametrizations import weight_norm

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters())  # <- optimizer_mismatch
for layer in (net[0], net[2]):
    weight_norm(layer)
for _ in range(4):
    opt.zero_grad()
    net(torch.randn(8, 4)).square().mean().backward()
    opt.step()
