import torch
from torch import nn

torch.manual_seed(0)
model = nn.Linear(4, 2)
optimizer = torch.optim.SGD([{"params": model.weight}, {"params": model.bias}], lr=0.1)
for _ in range(8):
    optimizer.param_groups[0]["params"] = (one for one in [model.weight])
    model.zero_grad()
    loss = (model(torch.randn(8, 4)) - 1).pow(2).mean()
    loss.backward()
    optimizer.step()
optimizer.param_groups[0]["params"] = (model.weight,)
optimizer.zero_grad()
(model(torch.randn(8, 4)) - 1).pow(2).mean().backward()
optimizer.step()
