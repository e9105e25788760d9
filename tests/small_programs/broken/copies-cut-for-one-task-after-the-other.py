import copy

import torch
from torch import nn

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.last = nn.Linear(4, 8), nn.Linear(8, 1)

    def forward(self, x):
        hidden = torch.tanh(self.first(x)).detach()  # <- detach
        return self.last(hidden)


def adapted(model, steps=3):
    learner = copy.deepcopy(model)
    optimizer = torch.optim.SGD(learner.parameters(), lr=0.02)
    for _ in range(steps):
        optimizer.zero_grad()
        learner(torch.randn(5, 4)).square().mean().backward()
        optimizer.step()
    return learner


net = Net()
outer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(12):
    learner = adapted(net)
    outer.zero_grad()
    with torch.no_grad():
        for ours, theirs in zip(net.parameters(), learner.parameters()):
            ours.grad = ours - theirs
    outer.step()
