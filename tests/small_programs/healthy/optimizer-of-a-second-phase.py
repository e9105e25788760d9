"""Two phases by one function: all parameters first, then the backbone is frozen and the optimizer is built anew."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16), nn.ReLU())
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.backbone(x))


def build_optimizer(net):
    return torch.optim.AdamW([
        {"params": [p for p in net.backbone.parameters() if p.requires_grad], "lr": 1e-4},
        {"params": [p for p in net.head.parameters() if p.requires_grad], "lr": 1e-3},
    ])


def train(net, steps):
    opt = build_optimizer(net)
    for step in range(steps):
        x, y = torch.randn(16, 8), torch.randint(0, 4, (16,))
        loss = F.cross_entropy(net(x), y)
        opt.zero_grad()
        loss.backward()
        opt.step()


net = Net()
train(net, 12)
net.backbone.requires_grad_(False)
train(net, 12)
