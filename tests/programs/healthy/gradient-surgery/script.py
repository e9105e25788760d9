import torch
import torch.nn as nn
import torch.nn.functional as F
from surgery import assign, project, task_gradients

torch.manual_seed(0)
trunk = nn.Sequential(nn.Linear(6, 24), nn.Tanh(), nn.Linear(24, 24), nn.Tanh())
heads = nn.ModuleDict({"up": nn.Linear(24, 1), "down": nn.Linear(24, 1), "kind": nn.Linear(24, 3)})
parameters = [*trunk.parameters(), *heads.parameters()]
shared = range(len(list(trunk.parameters())))
optimizer = torch.optim.Adam(parameters, lr=5e-3)
for step in range(40):
    x = torch.randn(64, 6)
    h = trunk(x)
    losses = [
        F.mse_loss(heads["up"](h).squeeze(1), x[:, 0] + x[:, 1]),
        F.mse_loss(heads["down"](h).squeeze(1), x[:, 0] - 2 * x[:, 1]),
        F.cross_entropy(heads["kind"](h), x[:, 2:5].argmax(1)),
    ]
    gradients = task_gradients(losses, parameters)
    assign(parameters, shared, gradients, project(gradients, shared))
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d}", [round(loss.item(), 4) for loss in losses])
