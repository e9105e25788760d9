import copy

import torch
import torch.nn as nn
import torch.nn.functional as F
from torch.func import functional_call, stack_module_state, vmap


def make():
    return nn.Sequential(nn.Linear(1, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh(), nn.Linear(24, 2))


class Ensemble:
    """Members share one template without storage; their weights are stacked."""

    def __init__(self, size):
        members = [make() for _ in range(size)]
        self.parameters, self.buffers = stack_module_state(members)
        self.template = copy.deepcopy(members[0]).to("meta")

    def __call__(self, x):
        def member(parameters, buffers, x):
            return functional_call(self.template, (parameters, buffers), (x,))

        return vmap(member, in_dims=(0, 0, None), randomness="different")(self.parameters, self.buffers, x)


def nll(out, y):
    mean, log_var = out.unbind(-1)
    log_var = 6 * torch.tanh(log_var / 6)
    return 0.5 * (log_var + (y - mean) ** 2 / log_var.exp()).mean(1).sum()


def data(n):
    x = torch.rand(n, 1) * 4 - 2
    x[x.abs() < 0.5] += 1.0  # a gap in the middle
    return x, torch.sin(2 * x[:, 0]) + 0.1 * torch.randn(n)


torch.manual_seed(0)
ensemble = Ensemble(size=4)
optimizer = torch.optim.Adam(ensemble.parameters.values(), lr=1e-2)
for step in range(60):
    x, y = data(64)
    loss = nll(ensemble(x), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 20 == 0:
        print(f"step {step:2d} loss {loss.item() / 4:.4f}")
grid = torch.tensor([[-1.5], [0.0], [1.5]])
means = ensemble(grid)[..., 0].detach().numpy()
fit = F.mse_loss(ensemble(grid)[..., 0].mean(0), torch.sin(2 * grid[:, 0])).item()
print(f"error of the mean {fit:.4f}, disagreement {means.std(0).round(3)}")
