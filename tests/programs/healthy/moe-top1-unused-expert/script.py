import torch
import torch.nn as nn
from moe import SwitchLayer


class Model(nn.Module):
    def __init__(self, d=8, experts=4):
        super().__init__()
        self.embed = nn.Linear(3, d)
        self.layers = nn.ModuleList(SwitchLayer(d, experts, 16) for _ in range(2))
        self.head = nn.Linear(d, 1)

    def forward(self, x):
        x, balance, shares = self.embed(x), 0.0, []
        for layer in self.layers:
            x, aux, share = layer(x)
            balance = balance + aux
            shares.append(share)
        return self.head(x).squeeze(1), balance, torch.stack(shares)


def batch(n=8):
    x = torch.randn(n, 3)
    return x, torch.where(x[:, 0] > 0, x[:, 1], x[:, 2] ** 2)


torch.manual_seed(0)
model = Model()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
idle = 0
for step in range(40):
    x, y = batch()
    pred, balance, shares = model(x)
    loss = nn.functional.mse_loss(pred, y) + 0.1 * balance
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    idle += int((shares == 0).sum())
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f} balance {balance.item():.3f} idle so far {idle}")
