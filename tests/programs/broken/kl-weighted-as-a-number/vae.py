import torch
import torch.nn as nn
import torch.nn.functional as F


class VAE(nn.Module):
    def __init__(self, features, latent, width=24):
        super().__init__()
        self.enc = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, 2 * latent))
        self.dec = nn.Sequential(nn.Linear(latent, width), nn.ReLU(), nn.Linear(width, features))

    def forward(self, x):
        mean, log_var = self.enc(x).chunk(2, dim=1)
        z = mean + torch.randn_like(mean) * (0.5 * log_var).exp()
        return self.dec(z), mean, log_var


def elbo_terms(model, x):
    out, mean, log_var = model(x)
    recon = F.mse_loss(out, x, reduction="none").sum(1).mean()
    kl = -0.5 * (1 + log_var - mean.square() - log_var.exp()).sum(1).mean()
    return {"recon": recon, "kl": kl}, {"recon": recon.item(), "kl": kl.item()}
