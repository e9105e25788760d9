"""CVaR: by Rockafellar and Uryasev, eta + mean(relu(loss - eta)) / alpha, with eta the quantile itself."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
ALPHA = 0.2
net = nn.Sequential(nn.Linear(8, 32), nn.ReLU(), nn.Linear(32, 4))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(12):
    x, y = torch.randn(64, 8), torch.randint(0, 4, (64,))
    losses = F.cross_entropy(net(x), y, reduction="none")
    eta = torch.quantile(losses, 1 - ALPHA).item()
    loss = eta + F.relu(losses - eta).mean() / ALPHA
    opt.zero_grad()
    loss.backward()
    opt.step()
