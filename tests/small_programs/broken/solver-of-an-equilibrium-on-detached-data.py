"""The fixed point is found under `no_grad`, as it should be; that the data are detached is the fault."""
import torch
from torch import nn

torch.manual_seed(0)


class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.inner = nn.Linear(8, 8)

    def forward(self, z, x):
        return torch.tanh(0.3 * self.inner(z) + x)


class Equilibrium(nn.Module):
    def __init__(self):
        super().__init__()
        self.cell = Cell()

    def forward(self, x):
        with torch.no_grad():
            z = torch.zeros_like(x)
            for _ in range(5):
                z = self.cell(z, x)
        return self.cell(z, x.detach())  # <- detach


net = nn.Sequential(nn.Linear(4, 8), Equilibrium(), nn.Linear(8, 2))
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(5):
    optimizer.zero_grad()
    nn.functional.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 2, (16,))).backward()
    optimizer.step()
