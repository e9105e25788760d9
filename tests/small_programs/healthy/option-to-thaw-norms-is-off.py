"""Linear probing with options: norms could be trained too, but aren't in this run; the optimizer holds all parameters."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
TRAIN_NORMS = False


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.backbone = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.ReLU(), nn.Linear(16, 16))
        self.norm = nn.LayerNorm(16)
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        return self.head(self.norm(self.backbone(x)))


net = Net()
for name, p in net.named_parameters():
    p.requires_grad = False
    if name.startswith("head."):
        p.requires_grad = True
    elif TRAIN_NORMS and "norm" in name:
        p.requires_grad = True
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for step in range(10):
    x, y = torch.randn(16, 8), torch.randint(0, 4, (16,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
