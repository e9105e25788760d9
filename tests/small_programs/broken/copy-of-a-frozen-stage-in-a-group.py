import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self, backbone):
        super().__init__()
        for p in backbone.parameters():
            p.requires_grad_(False)
        self.stage1 = backbone
        self.stage2 = copy.deepcopy(backbone)  # <- frozen_leaf
        self.head = nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.stage2(self.stage1(x)))


net = Net(nn.Sequential(nn.Linear(8, 8), nn.ReLU()))
groups = [{"params": net.stage2.parameters(), "lr": 1e-4}, {"params": net.head.parameters()}]
optimizer = torch.optim.Adam(groups, lr=1e-3)
for step in range(10):
    x = torch.randn(16, 8)
    loss = F.mse_loss(net(x), x.sum(1, keepdim=True))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
