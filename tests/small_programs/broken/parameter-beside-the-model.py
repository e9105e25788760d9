"""A learnable factor of the loss stands beside the model, and the optimizer is given the model alone."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
log_sigma = nn.Parameter(torch.zeros(2))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)  # <- optimizer_mismatch
for _ in range(5):
    x = torch.randn(16, 4)
    error = (net(x) - x[:, :2]).square().mean(0)
    loss = (error * (-log_sigma).exp() + log_sigma).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
