import torch
import torch.nn as nn
import torch.nn.functional as F


class StepGate(nn.Module):
    """Chooses features: open where the score is positive."""

    def __init__(self, features):
        super().__init__()
        self.score = nn.Parameter(0.5 * torch.randn(features))

    def forward(self, x):
        gate = (torch.sign(self.score) + 1) / 2
        return x * gate, gate


class Selector(nn.Module):
    def __init__(self, features=16, width=24):
        super().__init__()
        self.gate = StepGate(features)
        self.net = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, 1))

    def forward(self, x):
        chosen, gate = self.gate(x)
        return self.net(chosen).squeeze(1), gate


def objective(model, x, y, price=0.02):
    pred, gate = model(x)
    return F.mse_loss(pred, y) + price * gate.sum()


torch.manual_seed(0)
model = Selector()
optimizer = torch.optim.Adam(
    [{"params": model.gate.parameters(), "lr": 5e-2}, {"params": model.net.parameters(), "lr": 5e-3}]
)
for step in range(15):
    x = torch.randn(64, 16)
    loss = objective(model, x, x[:, 0] - x[:, 1] * x[:, 2])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}, {int((model.gate.score > 0).sum())} features open")
