"""One of many outputs is picked for each sample: both sides have a column, both a row, or each is compared with all on purpose."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
n = 16


def columns(q, actions, should):
    return F.mse_loss(q.gather(1, actions[:, None]), should[:, None])


def rows(q, actions, should):
    return (q.gather(1, actions[:, None]).squeeze(1) - should).pow(2).mean()


def picked(q, actions, should):
    return F.smooth_l1_loss(q[torch.arange(n), actions], should)


def quantiles(q, actions, should):
    theirs = should[:, None] + torch.linspace(-1, 1, n)
    mine = q.gather(1, actions[:, None]) + torch.zeros(n, n)
    return (theirs - mine).abs().mean()


def kernel(q, actions, should):
    chosen = q.gather(1, actions[:, None])
    return -torch.exp(-((chosen - should) ** 2)).mean() + 0.1 * chosen.square().mean()


def ordered(q, actions, should):
    chosen = q[torch.arange(n), actions]
    return F.relu(0.1 - (chosen[:, None] - chosen) * (should[:, None] - should).sign()).mean()


def cells(q, actions, should):
    return (q.gather(1, actions[:, None]) - should.unsqueeze(0)).pow(2).mean()


for loss_of in (columns, rows, picked, quantiles, kernel, ordered, cells):
    net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
    for _ in range(3):
        loss = loss_of(net(torch.randn(n, 4)), torch.randint(0, 3, (n,)), torch.randn(n))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
