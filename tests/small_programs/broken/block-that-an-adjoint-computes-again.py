"""A custom Function computes the drift again in its backward, where a block of the drift has no gradients."""

import torch
from torch import nn

torch.manual_seed(0)


class Solve(torch.autograd.Function):
    @staticmethod
    def forward(ctx, drift, y, *parameters):
        ctx.drift = drift
        ctx.save_for_backward(y)
        with torch.no_grad():
            return y + 0.1 * drift(y)

    @staticmethod
    def backward(ctx, grad):
        (y,) = ctx.saved_tensors
        parameters = tuple(ctx.drift.parameters())
        with torch.enable_grad():
            y = y.detach().requires_grad_()
            out = y + 0.1 * ctx.drift(y)
            found = torch.autograd.grad(out, (y, *parameters), grad, allow_unused=True)
        return None, *[torch.zeros_like(p) if g is None else g for g, p in zip(found, (y, *parameters))]


class Drift(nn.Module):
    def __init__(self):
        super().__init__()
        self.base = nn.Linear(4, 8)
        self.out = nn.Linear(8, 4)

    def forward(self, y):
        with torch.no_grad():
            h = torch.tanh(self.base(y))  # <- no_grad
        return self.out(h)


drift = Drift()
optimizer = torch.optim.Adam(drift.parameters(), lr=1e-2)
for _ in range(8):
    y = Solve.apply(drift, torch.ones(5, 4), *drift.parameters())
    loss = (y - 2).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
