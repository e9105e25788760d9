"""A table is put into a bigger one while it is trained, and the optimizer is told of that one."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Embedding(6, 8), nn.Flatten(), nn.Linear(16, 2))
opt = torch.optim.Adam(model.parameters(), 1e-2)
for step in range(9):
    if step == 2:
        old = model[0].weight
        model[0].weight = nn.Parameter(torch.cat([old.data, torch.zeros(2, 8)]))
        opt.add_param_group({"params": [model[0].weight]})
    opt.zero_grad()
    scores = model(torch.randint(0, 6, (8, 2)))
    nn.functional.cross_entropy(scores, torch.randint(0, 2, (8,))).backward()
    opt.step()
