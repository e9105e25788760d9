"""Of several widths each model is trained by an optimizer that lacks its first layer; the last has all of its."""
import torch
from torch import nn

torch.manual_seed(0)
x, y = torch.randn(64, 8), torch.randn(64, 1)


class Net(nn.Module):
    def __init__(self, width):
        super().__init__()
        self.first, self.second = nn.Linear(8, width), nn.Linear(width, 1)

    def forward(self, x):
        return self.second(self.first(x).relu())


for width in (4, 8, 16):
    model = Net(width)
    optimizer = torch.optim.Adam(model.second.parameters(), lr=0.01)  # <- optimizer_mismatch
    for _ in range(6):
        optimizer.zero_grad()
        (model(x) - y).square().mean().backward()
        optimizer.step()
model = nn.Sequential(nn.Linear(8, 4), nn.Linear(4, 1))
whole = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(12):
    whole.zero_grad()
    (model(x) - y).square().mean().backward()
    whole.step()
