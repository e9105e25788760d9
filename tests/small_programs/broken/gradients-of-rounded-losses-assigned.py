import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
trunk = nn.Linear(5, 6)
heads = nn.ModuleList(nn.Linear(6, 1) for _ in range(2))
parameters = [*trunk.parameters(), *heads.parameters()]
optimizer = torch.optim.Adam(parameters, lr=1e-2)


def gradients(loss):
    return torch.autograd.grad(loss.round(), parameters, retain_graph=True, allow_unused=True)  # <- zero_gradient


for _ in range(5):
    x = torch.randn(16, 5)
    h = trunk(x).tanh()
    found = [gradients(F.mse_loss(head(h).squeeze(1), x[:, n])) for n, head in enumerate(heads)]
    for parameter, *parts in zip(parameters, *found):
        parameter.grad = sum(part for part in parts if part is not None)
    optimizer.step()
