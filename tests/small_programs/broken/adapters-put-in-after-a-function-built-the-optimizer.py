import torch
from torch import nn

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(2, base.in_features))
        self.up = nn.Parameter(torch.zeros(base.out_features, 2))

    def forward(self, x):
        return self.base(x) + x @ self.down.T @ self.up.T


def adapt(model):
    model[0] = Adapted(model[0].base if isinstance(model[0], Adapted) else model[0])
    return model.requires_grad_(True)


def make_optimizer(model):
    optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1)
    return optimizer, torch.optim.lr_scheduler.LambdaLR(optimizer, lambda step: 1.0)


def train(model):
    optimizer, schedule = make_optimizer(model)  # <- optimizer_mismatch
    adapt(model)
    model[0].base.requires_grad_(False)
    for _ in range(4):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()
        schedule.step()


train(adapt(nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))))
