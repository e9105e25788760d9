"""A VQGAN-like autoencoder: the discriminator starts to learn after a warm-up of many steps."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

DISC_START = 100
auto = nn.Sequential(nn.Linear(16, 8), nn.ReLU(), nn.Linear(8, 16))
disc = nn.Sequential(nn.Linear(16, 32), nn.LeakyReLU(0.2), nn.Linear(32, 1))
opt_g = torch.optim.Adam(auto.parameters(), lr=1e-3)
opt_d = torch.optim.Adam(disc.parameters(), lr=1e-3)
x = torch.randn(256, 16)
for step in range(8):  # a smoke run: the whole one has 100000
    batch = x[torch.randint(0, 256, (32,))]
    recon = auto(batch)
    factor = 1.0 if step >= DISC_START else 0.0
    g_loss = F.mse_loss(recon, batch) - factor * 0.1 * disc(recon).mean()
    opt_g.zero_grad()
    g_loss.backward()
    opt_g.step()
    d_loss = F.relu(1 - disc(batch)).mean() + F.relu(1 + disc(recon.detach())).mean()
    opt_d.zero_grad()
    d_loss.backward()
    if step >= DISC_START:
        opt_d.step()
