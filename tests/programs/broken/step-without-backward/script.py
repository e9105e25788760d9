import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
opt = torch.optim.Adam(net.parameters())
for step in range(10):
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    opt.step()
