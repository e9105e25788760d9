"""A learned token is copied into the first rows of a buffer, which the loss is computed with."""
import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.token = nn.Parameter(torch.zeros(1, 1, 4))
        self.register_buffer("tokens", torch.zeros(32, 1, 4))
        self.mix, self.out = nn.Linear(4, 4), nn.Linear(4, 2)

    def forward(self, x):
        first = self.tokens[: len(x)]
        with torch.no_grad():
            first.copy_(self.token)  # <- values_copied
        return self.out(self.mix(torch.cat([first, x], 1)).tanh().mean(1))


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(8):
    x = torch.randn(16, 3, 4)
    loss = nn.functional.cross_entropy(net(x), (x.sum((1, 2)) > 0).long())
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
