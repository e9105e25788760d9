import torch
from torch import nn

torch.manual_seed(0)


class Tokens(nn.Module):
    def __init__(self):
        super().__init__()
        self.cls = nn.Parameter(torch.zeros(1, 1, 4))

    def forward(self, x):
        return torch.cat([self.cls.expand(len(x), -1, -1), x], dim=1)


class Tower(nn.Module):
    def __init__(self):
        super().__init__()
        self.tokens = Tokens()

    @torch.no_grad()  # <- no_grad
    def forward(self, x):
        return self.tokens(x)


class Model(nn.Module):
    def __init__(self):
        super().__init__()
        self.tower, self.head = Tower(), nn.Linear(4, 1)

    def forward(self, x):
        return self.head(self.tower(x))


model = Model()
opt = torch.optim.Adam(model.parameters(), lr=0.01)
for _ in range(3):
    opt.zero_grad()
    model(torch.randn(2, 3, 4)).pow(2).mean().backward()
    opt.step()
