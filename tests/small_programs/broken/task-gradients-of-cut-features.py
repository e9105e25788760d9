"""Gradients of two tasks are added by hand; `allow_unused` gives none for what is cut off, and zeros stand in."""
import torch
from torch import nn

torch.manual_seed(0)
shared, first, second = nn.Linear(6, 6), nn.Linear(6, 1), nn.Linear(6, 1)
parameters = [*shared.parameters(), *first.parameters(), *second.parameters()]
optimizer = torch.optim.SGD(parameters, lr=0.1)


def gradients(loss):
    found = torch.autograd.grad(loss, parameters, retain_graph=True, allow_unused=True)
    return [torch.zeros_like(one) if grad is None else grad for one, grad in zip(parameters, found)]


for _ in range(4):
    x = torch.randn(8, 6)
    features = torch.from_numpy(torch.tanh(shared(x)).detach().numpy())  # <- numpy_roundtrip
    losses = (first(features) - x[:, :1]).square().mean(), (second(features) - x[:, 1:2]).square().mean()
    for one, *grads in zip(parameters, *map(gradients, losses)):
        one.grad = sum(grads)
    optimizer.step()
