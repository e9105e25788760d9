import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

vgg = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 4)).eval()
net = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 8))
opt = torch.optim.Adam(net.parameters())
for step in range(10):
    x = torch.randn(16, 8)
    out = net(x)
    loss = F.mse_loss(out, x) + 0.1 * F.mse_loss(vgg(out), vgg(x).detach())
    opt.zero_grad(); loss.backward(); opt.step()
