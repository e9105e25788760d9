import torch
import torch.nn as nn

from modes import inference


class Regressor(nn.Module):
    def __init__(self, width=16):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(3, width), nn.SiLU(), nn.Linear(width, 1))

    def forward(self, x):
        return self.net(x).squeeze(1)


def data(n):
    x = torch.rand(n, 3)
    return x, x[:, 0] * x[:, 1] + x[:, 2]


torch.manual_seed(0)
model = Regressor()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
held_out = data(64)
best = float("inf")
for step in range(12):
    x, y = data(32)
    optimizer.zero_grad()
    loss = (model(x) - y).square().mean()
    loss.backward()
    optimizer.step()
    if step % 4 == 3:
        with inference(model):
            error = (model(held_out[0]) - held_out[1]).abs().mean().item()
        best = min(best, error)
        print(f"step {step} held-out error {error:.4f}")
