# A hook that gives zeros freezes a bias; others mask what was pruned.
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
masks = {p: (torch.rand_like(p) > 0.5).float() for p in net.parameters() if p.ndim > 1}
for p, m in masks.items():
    p.data.mul_(m); p.register_hook(lambda g, m=m: g * m)
net[2].bias.register_hook(torch.zeros_like)     # log prior: stays at its value
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(5):
    x = torch.randn(16, 4); opt.zero_grad(); nn.functional.cross_entropy(net(x), (x[:, 0] > 0).long()).backward(); opt.step()
print(net[2].bias.grad)
