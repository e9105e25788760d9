"""Two heads trained in turns by one optimizer on a backbone that is frozen throughout."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

backbone = nn.Sequential(nn.Linear(10, 32), nn.ReLU())
head_a, head_b = nn.Linear(32, 3), nn.Linear(32, 1)
opt = torch.optim.Adam([*backbone.parameters(), *head_a.parameters(), *head_b.parameters()], lr=1e-2)
x, ya, yb = torch.randn(128, 10), torch.randint(0, 3, (128,)), torch.randn(128, 1)

def toggle(module, trainable):
    for parameter in module.parameters():
        parameter.requires_grad_(trainable)

for step in range(6):
    toggle(backbone, False)
    toggle(head_a, step % 2 == 0)
    toggle(head_b, step % 2 == 1)
    h = backbone(x)
    loss = F.cross_entropy(head_a(h), ya) if step % 2 == 0 else F.mse_loss(head_b(h), yb)
    opt.zero_grad()
    loss.backward()
    opt.step()
