import math

import torch
import torch.nn as nn


class Solution(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        hidden_layers = [nn.Linear(1, hidden), nn.Tanh(), nn.Linear(hidden, hidden), nn.Tanh()]
        self.net = nn.Sequential(*hidden_layers, nn.Linear(hidden, 1))

    def forward(self, t):
        return self.net(t)


def derivative(y, t):
    return torch.autograd.grad(y, t, torch.ones_like(y), create_graph=True)[0]


class Oscillator:
    """y'' + w^2 y = 0 with y(0) = 1 and y'(0) = 0."""

    def __init__(self, model, omega=2.0, points=40):
        self.model, self.omega = model, omega
        self.t = torch.linspace(0, 2, points).unsqueeze(1).requires_grad_()
        self.start = torch.zeros(1, 1, requires_grad=True)

    def loss(self):
        y = self.model(self.t)
        residual = derivative(derivative(y, self.t), self.t) + self.omega**2 * y
        y0 = self.model(self.start)
        start = 10 * (y0 - 1).square().sum() + derivative(y0, self.start).square().sum()
        return residual.square().mean() + start

    def error(self):
        with torch.no_grad():
            return (self.model(self.t) - torch.cos(self.omega * self.t)).abs().max().item()


torch.manual_seed(0)
problem = Oscillator(Solution())
optimizer = torch.optim.LBFGS(problem.model.parameters(), lr=1.0, max_iter=6, line_search_fn="strong_wolfe")
history = []


def closure():
    optimizer.zero_grad()
    loss = problem.loss()
    loss.backward()
    history.append(loss.item())
    return loss


for outer in range(6):
    optimizer.step(closure)
    assert math.isfinite(history[-1])
print(f"{len(history)} evaluations, loss {history[0]:.3f} -> {history[-1]:.5f}, error {problem.error():.4f}")
