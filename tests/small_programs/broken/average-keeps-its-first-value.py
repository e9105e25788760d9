"""A running average is begun with a value that still has its graph."""
import torch
from torch import nn

torch.manual_seed(0)


class Normalised(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Linear(3, 1)
        self.scale = None

    def forward(self, x):
        out = self.net(x)
        spread = out.exp().mean()
        if self.scale is None:
            self.scale = spread  # <- double_backward
        else:
            self.scale = 0.9 * self.scale.detach() + 0.1 * self.scale * spread  # <- double_backward
        return out / self.scale


net = Normalised()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = net(torch.randn(8, 3)).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
