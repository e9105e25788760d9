"""Whether a spare head is finite is asked, and nothing else: it isn't used."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(8, 8), nn.Linear(8, 1)
        self.spare = nn.Linear(8, 1)  # <- unused_parameter

    def forward(self, x):
        h = torch.tanh(self.body(x))
        spare = self.spare(h)
        if spare.abs().max() > 1e6:
            raise ValueError("it grows")
        assert not torch.isnan(spare).any()
        return self.head(h)


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    x = torch.randn(5, 8)
    loss = (net(x) - x[:, :1]).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
