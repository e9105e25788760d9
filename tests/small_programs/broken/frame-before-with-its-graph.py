"""A term compares with what the frame before gave, which is kept with its graph under another name."""
import torch
from torch import nn

torch.manual_seed(0)


class Steady(nn.Module):
    def __init__(self):
        super().__init__()
        self.before = None

    def forward(self, out):
        term = out.new_zeros(())
        if self.before is not None:
            term = (out - self.before["out"]).abs().mean()  # <- double_backward
        self.before = {"out": out}
        return term


net, steady = nn.Linear(4, 4), Steady()
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for frame in torch.randn(4, 2, 4):
    out = net(frame).sigmoid()
    loss = (out - frame).square().mean() + steady(out)
    opt.zero_grad()
    loss.backward()
    opt.step()
