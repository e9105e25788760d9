"""VQGAN's loss: adaptive weight from the last layer's gradients, the discriminator starts after some steps."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


def adopt_weight(weight, step, threshold=0, value=0.0):
    return value if step < threshold else weight


class VQ(nn.Module):
    def __init__(self, n=8, d=4, beta=0.25):
        super().__init__()
        self.embedding, self.beta = nn.Embedding(n, d), beta
        self.embedding.weight.data.uniform_(-1.0 / n, 1.0 / n)

    def forward(self, z):
        flat = z.permute(0, 2, 3, 1)
        d = (flat.pow(2).sum(-1, keepdim=True) + self.embedding.weight.pow(2).sum(-1) - 2 * flat @ self.embedding.weight.t())
        q = self.embedding(d.argmin(-1))
        loss = self.beta * ((q.detach() - flat) ** 2).mean() + ((q - flat.detach()) ** 2).mean()
        return (flat + (q - flat).detach()).permute(0, 3, 1, 2), loss


class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Conv2d(3, 8, 3, 2, 1), nn.SiLU(), nn.Conv2d(8, 4, 1))
        self.quantize = VQ()
        self.decoder = nn.Sequential(nn.Conv2d(4, 8, 3, 1, 1), nn.SiLU(), nn.Upsample(scale_factor=2), nn.Conv2d(8, 3, 3, 1, 1))

    def get_last_layer(self):
        return self.decoder[-1].weight

    def forward(self, x):
        q, loss = self.quantize(self.encoder(x))
        return self.decoder(q), loss


ae = AE()
disc = nn.Sequential(nn.Conv2d(3, 8, 4, 2, 1), nn.LeakyReLU(0.2), nn.Conv2d(8, 1, 3, 1, 1))
opt_ae = torch.optim.Adam(ae.parameters(), 1e-3, betas=(0.5, 0.9))
opt_d = torch.optim.Adam(disc.parameters(), 1e-3, betas=(0.5, 0.9))
START = 3
for step in range(8):
    x = torch.rand(2, 3, 8, 8)
    rec, codebook = ae(x)
    nll = (x.contiguous() - rec.contiguous()).abs().mean()
    g_loss = -disc(rec).mean()
    last = ae.get_last_layer()
    nll_g = torch.autograd.grad(nll, last, retain_graph=True)[0]
    g_g = torch.autograd.grad(g_loss, last, retain_graph=True)[0]
    d_weight = torch.clamp(nll_g.norm() / (g_g.norm() + 1e-4), 0.0, 1e4).detach()
    loss = nll + d_weight * adopt_weight(1.0, step, START) * g_loss + codebook.mean()
    opt_ae.zero_grad()
    loss.backward()
    opt_ae.step()
    real, fake = disc(x.contiguous().detach()), disc(rec.contiguous().detach())
    d_loss = adopt_weight(1.0, step, START) * 0.5 * (F.relu(1.0 - real).mean() + F.relu(1.0 + fake).mean())
    opt_d.zero_grad()
    d_loss.backward()
    opt_d.step()
    print(step, loss.clone().detach().mean().item(), d_weight.item(), d_loss.item())
