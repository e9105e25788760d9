"""A denoiser is trained; its samples are guided by a gradient that passes through it, and then judged."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
denoiser = nn.Sequential(nn.Linear(4, 16), nn.SiLU(), nn.Linear(16, 4))
optimizer = torch.optim.Adam(denoiser.parameters(), lr=1e-3)
seen = torch.randn(4)
for _ in range(4):
    clean, noise = torch.randn(32, 4), torch.randn(32, 4)
    loss = F.mse_loss(denoiser(clean + noise), noise)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    x = torch.randn(8, 4)
    for _ in range(3):
        x = x.detach().requires_grad_()
        told = denoiser(x)
        far = (x - told - seen).pow(2).sum()
        (pull,) = torch.autograd.grad(far, x)
        x = x - 0.1 * (told + 0.1 * pull)
    error = F.mse_loss(x, seen.expand(8, 4))
    print(error.item())
