"""Each sample has a weight: the weights stand in a row, the errors in a column."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
inputs, wanted, trust = torch.randn(100, 4), torch.randn(100, 1), torch.rand(100)
for _ in range(4):
    batch = torch.randint(0, 100, (16,))
    error = F.mse_loss(net(inputs[batch]), wanted[batch], reduction="none")
    loss = (error * trust[batch]).mean()  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
