import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
opt = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(4):
    out = net(torch.randn(16, 4)) * 0  # <- zero_gradient
    loss = F.cross_entropy(out, torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
