"""The rate is 0 in the first epoch (statistics of batch norm settle), and set by a helper at each epoch's end."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.SGD(net.parameters(), lr=0.0)


def set_options(optimizer, **options):
    for group in optimizer.param_groups:
        group.update(options)


for epoch in range(4):
    for step in range(20):
        x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()
    set_options(opt, lr=0.05 * (epoch + 1))
