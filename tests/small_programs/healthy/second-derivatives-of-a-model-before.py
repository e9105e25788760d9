"""Products with the Hessian of a model that has been trained, as values by which the data of the next is weighted."""
import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(32, 4), torch.randn(32, 1)


def train(model, weights):
    optimizer = torch.optim.SGD(model.parameters(), 0.05)
    for _ in range(8):
        optimizer.zero_grad()
        (weights * (model(x) - y).square()).mean().backward()
        optimizer.step()


first = nn.Linear(4, 1)
train(first, torch.ones(32, 1))
weight = first.weight
estimate = direction = torch.ones_like(weight)
for _ in range(4):
    slope = torch.autograd.grad((first(x) - y).square().mean(), weight, create_graph=True)[0]
    curved = torch.autograd.grad((slope * estimate).sum(), weight)[0]
    estimate = direction + estimate - 0.1 * curved
influence = x @ estimate.T
train(nn.Linear(4, 1), (influence > influence.median()).float() + influence.abs())
