"""A VAE that draws by sample() and not rsample(); its KL is the Monte Carlo one, log q(z) - log p(z)."""
import torch
from torch import nn
from torch.distributions import Normal
import torch.nn.functional as F

torch.manual_seed(0)


class VAE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
        self.dec = nn.Sequential(nn.Linear(2, 32), nn.ReLU(), nn.Linear(32, 8))

    def forward(self, x):
        mu, log_std = self.enc(x).chunk(2, 1)
        q = Normal(mu, log_std.exp())
        z = q.sample()  # <- no_grad
        kl = (q.log_prob(z) - Normal(0.0, 1.0).log_prob(z)).sum(1)
        return self.dec(z), kl


vae = VAE()
opt = torch.optim.Adam(vae.parameters(), lr=1e-3)
for step in range(10):
    x = torch.randn(32, 8)
    out, kl = vae(x)
    loss = F.mse_loss(out, x, reduction="none").sum(1).mean() + kl.mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
