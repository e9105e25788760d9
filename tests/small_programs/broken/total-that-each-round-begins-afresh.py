import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Deep(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.ModuleList([nn.Linear(8, 8) for _ in range(3)])
        self.heads = nn.ModuleList([nn.Linear(8, 1) for _ in range(3)])

    def forward(self, x):
        outs = []
        for layer, head in zip(self.body, self.heads):
            x = layer(x).tanh()
            outs.append(head(x))
        return outs


def supervised(outs, y):
    parts = {}
    for number, out in enumerate(outs):
        total = F.mse_loss(out, y)  # <- other
        total = total + 0.1 * F.l1_loss(out, y)
        parts[number] = total.item()
    return total, parts


net = Deep()
opt = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(4):
    loss, parts = supervised(net(torch.randn(16, 8)), torch.randn(16, 1))
    opt.zero_grad()
    loss.backward()
    opt.step()
