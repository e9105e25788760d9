"""The points at which a differential equation shall hold are kept by the module, and derived by."""
import torch
from torch import nn

torch.manual_seed(0)


class Solution(nn.Module):
    def __init__(self):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(1, 8), nn.Tanh(), nn.Linear(8, 1))
        self.points = torch.linspace(0, 1, 10).reshape(-1, 1).requires_grad_()

    def residual(self):
        u = self.net(self.points)
        (slope,) = torch.autograd.grad(u.sum(), self.points, create_graph=True)
        return (slope - u).square().mean()

    def forward(self):
        start = self.net(torch.zeros(1, 1)) - 1
        return self.residual() + start.square().mean() + 1e-3 * self.net(self.points).square().mean()


model = Solution()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for _ in range(6):
    loss = model()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
