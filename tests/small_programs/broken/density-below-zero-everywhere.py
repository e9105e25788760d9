import torch
from torch import nn

torch.manual_seed(0)


class Field(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Sequential(nn.Linear(2, 8), nn.Tanh())
        self.density, self.colour = nn.Linear(8, 1), nn.Linear(8, 3)

    def forward(self, points):
        hidden = self.base(points)
        density = torch.relu(self.density(hidden) - 10)  # <- zero_gradient
        return density.squeeze(-1), torch.sigmoid(self.colour(hidden))


def composed(density, colour):
    alpha = 1 - torch.exp(-density * 0.1)
    left = torch.cumprod(torch.cat([torch.ones_like(alpha[:, :1]), 1 - alpha + 1e-10], dim=1), dim=1)[:, :-1]
    weights = alpha * left
    return (weights[..., None] * colour).sum(dim=1) + (1 - weights.sum(dim=1, keepdim=True))


field = Field()
optimizer = torch.optim.Adam(field.parameters(), lr=0.01)
for _ in range(4):
    optimizer.zero_grad()
    (composed(*field(torch.rand(16, 8, 2))) - 0.3).square().mean().backward()
    optimizer.step()
