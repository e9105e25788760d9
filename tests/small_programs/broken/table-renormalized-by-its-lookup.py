import torch
from torch import nn
torch.manual_seed(0)

table, project = nn.Embedding(10, 4, max_norm=1.0), nn.Linear(4, 4)
opt = torch.optim.SGD([*table.parameters(), *project.parameters()], lr=0.1)
keys = project(table.weight)
query = table(torch.arange(10))  # <- inplace_version
loss = (query @ keys.T).square().mean()
opt.zero_grad()
loss.backward()
opt.step()
