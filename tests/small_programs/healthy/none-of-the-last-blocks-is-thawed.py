"""Fine-tuning with a number of last blocks to unfreeze, which is 0 in this run; the optimizer holds all parameters."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
UNFREEZE_LAST = 0


class Net(nn.Module):
    def __init__(self, depth=3):
        super().__init__()
        self.stem = nn.Linear(8, 16)
        self.blocks = nn.ModuleList(nn.Sequential(nn.Linear(16, 16), nn.GELU()) for _ in range(depth))
        self.head = nn.Linear(16, 4)

    def forward(self, x):
        h = self.stem(x)
        for block in self.blocks:
            h = h + block(h)
        return self.head(h)


net = Net()
net.requires_grad_(False)
net.head.requires_grad_(True)
for block in net.blocks[len(net.blocks) - UNFREEZE_LAST :]:
    for p in block.parameters():
        p.requires_grad = True
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for step in range(10):
    x, y = torch.randn(16, 8), torch.randint(0, 4, (16,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
