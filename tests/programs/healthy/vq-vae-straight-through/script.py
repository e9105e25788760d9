import torch
import torch.nn as nn
import torch.nn.functional as F
from vq import VectorQuantizer, perplexity


class VQVAE(nn.Module):
    def __init__(self, d_in=8, dim=4, codes=12):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(d_in, 32), nn.ReLU(), nn.Linear(32, dim))
        self.quantizer = VectorQuantizer(codes, dim)
        self.decoder = nn.Sequential(nn.Linear(dim, 32), nn.ReLU(), nn.Linear(32, d_in))

    def forward(self, x):
        q, vq_loss, idx = self.quantizer(self.encoder(x))
        return self.decoder(q), vq_loss, idx


torch.manual_seed(0)
model = VQVAE()
opt = torch.optim.Adam(model.parameters(), lr=3e-3)
centres = torch.randn(6, 8)
for step in range(40):
    x = centres[torch.randint(0, 6, (96,))] + 0.05 * torch.randn(96, 8)
    recon, vq_loss, idx = model(x)
    loss = F.mse_loss(recon, x) + vq_loss
    opt.zero_grad()
    loss.backward()
    opt.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f} codes {perplexity(idx, 12):.2f}")
