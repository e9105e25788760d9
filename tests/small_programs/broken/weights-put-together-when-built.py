import torch
from torch import nn


class FlatLinear(nn.Module):
    def __init__(self):
        super().__init__()
        self.left = nn.Parameter(torch.randn(4, 3))
        self.right = nn.Parameter(torch.randn(4, 3))
        self.both = torch.cat([self.left, self.right], dim=1)  # <- rebuilt_leaf
        self.bias = nn.Parameter(torch.zeros(6))

    def forward(self, x):
        return x @ self.both + self.bias


torch.manual_seed(0)
model, wanted = FlatLinear(), torch.randn(4, 6)
optimizer = torch.optim.Adam(model.parameters(), lr=0.05)
for _ in range(6):
    x = torch.randn(16, 4)
    loss = (model(x) - x @ wanted).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
