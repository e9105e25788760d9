"""What a mask puts in is infinite on purpose; that nothing is left of a row is not."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(6):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
    out = net(x)
    mask = torch.zeros(3, dtype=torch.bool)
    hidden = out.masked_fill(~mask, float("-inf"))
    share = hidden.softmax(1)  # <- nan_gradient
    loss = F.mse_loss(share, F.one_hot(y, 3).float())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
