"""The backbone is trained for some epochs and then held, by a detach that the epoch switches on."""
import torch
from torch import nn

torch.manual_seed(0)

FREEZE_AFTER = 10

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 16), nn.ReLU())
        self.head = nn.Linear(16, 3)

    def forward(self, x, freeze_backbone=False):
        features = self.backbone(x)
        if freeze_backbone:
            features = features.detach()
        return self.head(features)

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x, y = torch.randn(128, 10), torch.randint(0, 3, (128,))
for epoch in range(30):
    logits = net(x, freeze_backbone=epoch >= FREEZE_AFTER)
    loss = nn.functional.cross_entropy(logits, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
