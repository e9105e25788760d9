"""A column times a row: as a table that is compared with another, masked, put through a layer, taken to a power, as a kernel of outputs, of features whose number is that of the samples, shaped for it; or item by item."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
n = 8
costs = torch.rand(n)
mixer = nn.Linear(n, 2)
spread = nn.Parameter(torch.ones(n))


def table(out, x, y):
    return (out * y - x @ x.T).square().mean()


def masked(out, x, y):
    return (out * y * (1 - torch.eye(n))).mean() + out.square().mean()


def mixed(out, x, y):
    return mixer(out * y).square().mean()


def bent(out, x, y):
    return F.softplus(out * y).mean() + torch.exp(-out * y).mean()


def kernel(out, x, y):
    def like(a, b):
        return (a * b).mean()

    return like(out, out.flatten()) - 2 * like(out, y)


def scaled(out, x, y):
    return ((out * spread) ** 2).mean() + (out * spread).mean()


def costly(out, x, y):
    return (torch.sigmoid(out) * costs).mean() + out.square().mean()


def by_feature(out, x, y):
    wide = torch.cat([x, x], 1)
    return (torch.sigmoid(out) * wide.std(0)).mean() + out.square().mean()


def discounted(out, x, y):
    return (out.squeeze(1) * (0.9 ** torch.arange(n)).unsqueeze(1)).mean() + out.square().mean()


def ranked(out, x, y):
    return F.relu((out * y).sum(1) - 1).mean()


def chosen(out, x, y):
    return -(out * y).max(1).values.mean() + out.square().mean()


def by_item(out, x, y):
    return (out.squeeze(1) * y).mean() + (out * y[:, None]).clamp(-1, 1).mean()


for loss_of in (table, masked, mixed, bent, kernel, scaled, costly, by_feature, discounted, ranked, chosen, by_item):
    net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
    optimizer = torch.optim.Adam([*net.parameters(), *mixer.parameters(), spread], lr=1e-2)
    for _ in range(3):
        x = torch.randn(n, 4)
        loss = loss_of(net(x), x, torch.randn(n)) + 0.01 * (mixer(x @ x.T).square().mean() + spread.square().mean())
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
