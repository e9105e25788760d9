import torch
import torch.nn as nn


class SplineRegression(nn.Module):
    def __init__(self, knots=12):
        super().__init__()
        self.register_buffer("knots", torch.linspace(0, 1, knots))
        self.coef = nn.Parameter(0.1 * torch.randn(knots))

    def forward(self, x):
        basis = torch.exp(-((x[:, None] - self.knots) ** 2) / 0.01)
        return basis @ self.coef

    def roughness(self):
        return self.coef.diff(n=2).square().sum()


def fit(model, x, y, strength=0.1, steps=50, lr=0.05):
    optimizer = torch.optim.Adam(model.parameters(), lr=lr)
    penalty = strength * model.roughness()
    for step in range(steps):
        residual = model(x) - y
        loss = residual.square().mean() + penalty
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    return loss.item()


torch.manual_seed(0)
x = torch.rand(100)
y = torch.sin(6 * x) + 0.1 * torch.randn(100)
print(f"loss {fit(SplineRegression(), x, y):.4f}")
