"""Three losses, weighted as a vector; one of them is detached."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

body = nn.Sequential(nn.Linear(10, 32), nn.ReLU())
a, b, c = nn.Linear(32, 1), nn.Linear(32, 3), nn.Linear(32, 10)
opt = torch.optim.Adam([*body.parameters(), *a.parameters(), *b.parameters(), *c.parameters()], lr=1e-3)
weights = torch.tensor([1.0, 0.5, 0.1])
x, ya, yb = torch.randn(128, 10), torch.randn(128, 1), torch.randint(0, 3, (128,))
for step in range(4):
    h = body(x)
    smooth = (a(h) - a(h.roll(1, 0))).pow(2).mean().detach()  # <- detach
    losses = torch.stack([F.mse_loss(a(h), ya), F.cross_entropy(b(h), yb) + F.mse_loss(c(h), x), smooth])
    loss = weights @ losses
    opt.zero_grad()
    loss.backward()
    opt.step()
