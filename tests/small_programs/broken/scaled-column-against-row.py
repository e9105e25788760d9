"""The output of a layer with one unit is multiplied by a learnt scale, and has a column that the target has not."""

import torch
from torch import nn

torch.manual_seed(0)


class Last(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm, self.head = nn.LSTM(3, 8, batch_first=True), nn.Linear(8, 1)
        self.scale, self.spread = nn.Parameter(torch.ones(1)), nn.Linear(8, 1)

    def forward(self, x):
        last = self.lstm(x)[0][:, -1]
        return self.head(last) * self.scale, self.spread(last)


net = Last()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    x = torch.randn(16, 5, 3)
    mean, log_variance = net(x)
    loss = 0.5 * (log_variance + (mean - x.sum((1, 2))) ** 2 / log_variance.exp()).mean()  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
