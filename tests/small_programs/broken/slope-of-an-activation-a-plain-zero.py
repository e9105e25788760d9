import torch
from torch import nn


class Dice(nn.Module):
    def __init__(self, size):
        super().__init__()
        self.norm = nn.BatchNorm1d(size)
        self.alpha = torch.zeros((size,)).to("cpu")  # <- unregistered_parameter

    def forward(self, x):
        gate = torch.sigmoid(self.norm(x))
        return self.alpha * (1 - gate) * x + gate * x


torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), Dice(8), nn.Linear(8, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(6):
    loss = (model(torch.randn(16, 4)) - 1).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
