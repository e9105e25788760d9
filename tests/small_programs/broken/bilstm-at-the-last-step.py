"""Of a bidirectional LSTM the last step is taken, at which the reverse direction has read that step alone."""

import torch
import torch.nn.functional as F
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.lstm = nn.LSTM(5, 6, num_layers=2, bidirectional=True, batch_first=True)
        self.drop = nn.Dropout(0.1)
        self.head = nn.Linear(12, 3)

    def forward(self, x):
        out, _ = self.lstm(x)
        out = self.drop(out)
        return self.head(out[:, -1])  # <- zero_gradient


torch.manual_seed(0)
net = Tagger()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(4, 7, 5)), torch.randint(3, (4,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
