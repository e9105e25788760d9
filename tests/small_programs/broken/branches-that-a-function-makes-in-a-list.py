import torch
from torch import nn

torch.manual_seed(0)


def make_layer(kind, **options):
    return {"linear": nn.Linear, "tanh": nn.Tanh}[kind](**options)


class Merge(nn.Module):
    def __init__(self, branches):
        super().__init__()
        self.out, self._branches = nn.Linear(3, 1), []
        for kind, options in branches:
            self._branches.append(make_layer(kind, **options))  # <- unregistered_parameter

    def forward(self, x):
        return self.out(sum(branch(x) for branch in self._branches))


net = Merge([("linear", {"in_features": 4, "out_features": 3})] * 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    optimizer.zero_grad()
    net(torch.randn(8, 4)).square().mean().backward()
    optimizer.step()
