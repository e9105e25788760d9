import torch
import torch.nn as nn
import torch.nn.functional as F


class VectorQuantizer(nn.Module):
    def __init__(self, codes=12, dim=4, commitment=0.25):
        super().__init__()
        self.codebook = nn.Embedding(codes, dim)
        nn.init.uniform_(self.codebook.weight, -1.0, 1.0)
        self.commitment = commitment
        self.register_buffer("usage", torch.zeros(codes))

    def forward(self, z):
        distance = torch.cdist(z, self.codebook.weight)
        idx = distance.argmin(-1)
        q = self.codebook(idx)
        self.usage += torch.bincount(idx, minlength=len(self.usage))
        codebook_loss = F.mse_loss(q, z.detach())
        commitment_loss = F.mse_loss(z, q.detach())
        q = z + (q - z).detach()
        return q, codebook_loss + self.commitment * commitment_loss, idx


def perplexity(idx, codes):
    p = torch.bincount(idx, minlength=codes).float() / len(idx)
    return torch.exp(-(p * torch.log(p + 1e-10)).sum()).item()
