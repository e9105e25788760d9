"""A temperature and a mixture of two losses are plain leaves, and the optimizer is given the model alone."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
temperature = torch.tensor(1.5, requires_grad=True)
mix = torch.zeros(1).requires_grad_()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)  # <- optimizer_mismatch
for _ in range(5):
    x, y = torch.randn(16, 4), torch.randint(0, 3, (16,))
    scores = net(x) / temperature.clamp(min=0.1)
    share = torch.sigmoid(mix)
    loss = share * F.cross_entropy(scores, y) + (1 - share) * scores.square().mean()
    optimizer.zero_grad()
    loss.sum().backward()
    optimizer.step()
