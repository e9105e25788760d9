"""The gradient noise scale: the norm of a small batch's gradient is measured before each step."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

model = nn.Sequential(nn.Linear(10, 32), nn.ReLU(), nn.Linear(32, 1))
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
x = torch.randn(640, 10)
y = x[:, :1].sin() + 0.1 * torch.randn(640, 1)
for step in range(6):
    i = torch.randint(0, 640, (64,))
    opt.zero_grad()
    F.mse_loss(model(x[i[:8]]), y[i[:8]]).backward()
    small = nn.utils.clip_grad_norm_(model.parameters(), float("inf"))
    opt.zero_grad()
    loss = F.mse_loss(model(x[i]), y[i])
    loss.backward()
    big = nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    opt.step()
    noise = (small**2 - big**2) / (1 / 8 - 1 / 64)
