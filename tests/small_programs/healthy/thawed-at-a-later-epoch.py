"""A body that the optimizer holds from the beginning, and that is thawed once the head has been trained."""
import torch
from torch import nn

torch.manual_seed(0)


def thaw(module):
    for p in module.parameters():
        p.requires_grad = True


model = nn.Sequential(nn.Sequential(nn.Linear(4, 8), nn.ReLU()), nn.Linear(8, 2))
for p in model[0].parameters():
    p.requires_grad = False
opt = torch.optim.Adam(model.parameters(), 1e-2)
for epoch in range(3):
    if epoch == 5:
        thaw(model[0])
    for _ in range(2):
        opt.zero_grad()
        nn.functional.cross_entropy(model(torch.randn(8, 4)), torch.randint(0, 2, (8,))).backward()
        opt.step()
