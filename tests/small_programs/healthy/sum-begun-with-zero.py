"""Losses are added to a number that begins at zero, after each was written down as a number."""
import torch
from torch import nn

torch.manual_seed(0)
nets = nn.ModuleDict({"left": nn.Linear(3, 1), "right": nn.Linear(3, 1)})
optimizer = torch.optim.SGD(nets.parameters(), lr=0.1)


def mean_square(out):
    return out.square().mean()


for _ in range(4):
    log, total, weighed = {}, 0.0, 0
    for name, net in nets.items():
        loss = mean_square(net(torch.randn(5, 3)))
        log[name] = loss.item()
        total = total + loss
        weighed += mean_square(net(torch.ones(1, 3)))
        log[f"{name} weighed"] = weighed.item()
    log["total"] = total.item()
    optimizer.zero_grad()
    (total + 0.1 * weighed).backward()
    optimizer.step()
