"""The parameters are counted first, and what they came from gives nothing a second time."""
import torch
from torch import nn

torch.manual_seed(0)


def train(model, rate):
    wanted = filter(lambda p: p.requires_grad, model.parameters())
    print("learning", sum(p.numel() for p in wanted), "numbers")
    optimizer = torch.optim.Adam(wanted, lr=rate)  # <- optimizer_mismatch
    for _ in range(3):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()


train(nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1)), 1e-3)
