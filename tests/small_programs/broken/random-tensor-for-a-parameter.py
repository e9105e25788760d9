import torch
from torch import nn

torch.manual_seed(0)


class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.queries = torch.randn(2, d)  # <- unregistered_parameter
        self.keys = nn.Linear(4, d)


class Pooled(Attention):
    def forward(self, x):
        return self.queries @ self.keys(x).T


net = Pooled(3)
opt = torch.optim.Adam(net.parameters(), 0.1)
for _ in range(4):
    loss = (net(torch.randn(5, 4)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
