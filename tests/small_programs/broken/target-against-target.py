import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
encoder = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 3))
decoder = nn.Sequential(nn.Linear(3, 16), nn.ReLU(), nn.Linear(16, 8))
opt = torch.optim.Adam([*encoder.parameters(), *decoder.parameters()], 1e-3)


def train_step(x):
    noisy = x + 0.1 * torch.randn_like(x)
    recon = decoder(encoder(noisy))
    loss = F.mse_loss(noisy, x)  # <- other or unused_parameter
    opt.zero_grad()
    loss.backward()
    opt.step()
    return loss.item(), recon.detach().mean().item()


for step in range(3):
    print(train_step(torch.randn(16, 8)))
