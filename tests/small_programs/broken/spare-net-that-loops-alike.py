import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Heads(nn.Module):
    def __init__(self):
        super().__init__()
        self.layers = nn.ModuleList([nn.Linear(8, 1) for _ in range(3)])

    def forward(self, x):
        outs = []
        for layer in self.layers:
            out = layer(x).tanh()
            outs.append(out)
        return outs


class Two(nn.Module):
    def __init__(self):
        super().__init__()
        self.first = Heads()
        self.second = Heads()  # <- unused_parameter

    def forward(self, x):
        spare = self.second(x)
        return self.first(x)


net = Two()
opt = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(4):
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    loss = sum(F.mse_loss(out, y) for out in net(x))
    opt.zero_grad()
    loss.backward()
    opt.step()
