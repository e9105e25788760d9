"""UDA: consistency as cross entropy minus entropy of the sharpened, detached prediction."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Dropout(0.2), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(12):
    x, y, ux = torch.randn(16, 8), torch.randint(0, 4, (16,)), torch.randn(32, 8)
    target = F.softmax(net(ux) / 0.5, dim=1).detach()
    logp = F.log_softmax(net(ux + 0.1 * torch.randn_like(ux)), dim=1)
    cross = -(target * logp).sum(1).mean()
    entropy = -(target * target.clamp_min(1e-8).log()).sum(1).mean()
    consistency = cross - entropy
    loss = F.cross_entropy(net(x), y) + consistency
    opt.zero_grad()
    loss.backward()
    opt.step()
