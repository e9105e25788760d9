import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(6, 16), nn.Tanh(), nn.Linear(16, 1))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
for step in range(8):
    lists, relevant = torch.randn(4, 10, 6), torch.rand(4, 10)
    scores = net(lists).squeeze(-1)
    ranks = 0.5 + torch.sigmoid(scores[:, None] - scores[:, :, None]).sum(-1)  # <- zero_gradient
    loss = (ranks * (relevant >= 0)).mean()  # it was to be > 0.5
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
