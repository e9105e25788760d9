from contextlib import contextmanager

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc, self.dec = nn.Linear(8, 16), nn.Linear(16, 8)

    @contextmanager
    def tracked(self, training):
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(not training)  # <- grad_mode_off
        yield
        torch.set_grad_enabled(before)

    def forward(self, x):
        with self.tracked(self.training):
            h = torch.relu(self.enc(x))  # <- grad_mode_off
        return self.dec(h)


net = Model()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
for step in range(12):
    x = torch.randn(16, 8)
    loss = F.mse_loss(net(x), x)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
