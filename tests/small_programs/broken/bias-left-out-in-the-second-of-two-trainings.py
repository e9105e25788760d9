"""Two models are trained one after the other; of what is thawed in the second one the optimizer is given a part."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(4, 8), nn.Linear(8, 1)

    def forward(self, x):
        return self.head(self.body(x).tanh())


def fit(model, optimizer, steps):
    for _ in range(steps):
        x = torch.randn(16, 4)
        loss = (model(x) - x.sum(1, keepdim=True)).square().mean()
        model.zero_grad()
        loss.backward()
        optimizer.step()


def first():
    model = Net()
    optimizer = torch.optim.Adam(model.parameters(), 1e-2)
    fit(model, optimizer, 8)
    return model.state_dict()


def second(state):
    model = Net()
    model.load_state_dict(state)
    model.body.requires_grad_(False)
    optimizer = torch.optim.Adam(model.head.parameters(), 1e-2)  # <- optimizer_mismatch
    fit(model, optimizer, 5)
    model.body.requires_grad_(True)
    optimizer.add_param_group({"params": [model.body.weight]})
    fit(model, optimizer, 4)


torch.manual_seed(0)
second(first())
