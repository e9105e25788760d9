"""Parameters of lazy modules have no shape before the first batch, and are recorded all the same."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.LazyConv2d(4, 3), nn.LazyBatchNorm2d(), nn.Flatten(), nn.LazyLinear(2))
head = nn.LazyLinear(1)
head(net(torch.randn(8, 2, 6, 6)))
optimizer = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
for step in range(4):
    features = net(torch.randn(8, 2, 6, 6)).detach()  # <- detach
    loss = head(features).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
