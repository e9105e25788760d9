import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self):
        super().__init__()
        self.query = nn.Linear(8, 8)

    def forward(self, x):
        mixed = self.query(x).tanh()
        out = nn.Linear(8, 8)(mixed)  # <- unregistered_parameter
        return nn.LayerNorm(8)(out + x)  # <- unregistered_parameter


net = nn.Sequential(Block(), nn.Linear(8, 3))
opt = torch.optim.Adam(net.parameters())
for _ in range(10):
    loss = F.cross_entropy(net(torch.randn(16, 8)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
