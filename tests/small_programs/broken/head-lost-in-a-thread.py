"""Losses are computed in a thread, of which nothing is recorded: that a head learns nothing is all that is known."""
import threading

import torch
from torch import nn


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.value, self.choice = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 2)

    def forward(self, x):
        h = self.body(x).tanh()
        return self.value(h), self.choice(h)


def work(net, optimizer):
    for _ in range(4):
        value, choice = net(torch.randn(16, 4))
        score = torch.tensor(choice.log_softmax(1)[:, 0].tolist())
        loss = value.square().mean() - score.mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()  # <- other


torch.manual_seed(0)
net = Net()
optimizer = torch.optim.Adam(net.parameters(), 1e-2)
for _ in range(2):
    worker = threading.Thread(target=work, args=(net, optimizer))
    worker.start()
    worker.join()
