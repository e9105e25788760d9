"""Adapters of low rank whose matrices are plain tensors, in front of a head: that alone learns."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base, rank=2):
        super().__init__()
        self.base = base.requires_grad_(False)
        if rank > 0:
            self.lora_A = torch.randn(rank, base.in_features) * 0.02  # <- unregistered_parameter
            self.lora_B = torch.zeros(base.out_features, rank)

    def forward(self, x):
        return self.base(x) + F.dropout(x, 0.1, self.training) @ self.lora_A.T @ self.lora_B.T * 2


net = nn.Sequential(Adapted(nn.Linear(4, 6)), nn.ReLU(), Adapted(nn.Linear(6, 6)), nn.ReLU(), nn.Linear(6, 2))
opt = torch.optim.Adam([one for one in net.parameters() if one.requires_grad], 1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 2, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
