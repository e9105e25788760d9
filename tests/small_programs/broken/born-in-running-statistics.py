import torch
from torch import nn

torch.manual_seed(0)
backbone = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())
count = torch.tensor(0)
backbone[1].running_var.copy_(torch.full((8,), 3.0) / count - 1 / count)  # <- nan_gradient
backbone.eval()
head = nn.Linear(8, 3)
opt = torch.optim.SGD([*backbone.parameters(), *head.parameters()], 0.1)
for _ in range(4):
    loss = nn.functional.cross_entropy(head(backbone(torch.randn(16, 4))), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
