import torch
import torch.nn as nn
import torch.nn.functional as F


def to_prob(logits, temperature=1.0):
    return (logits / temperature).softmax(-1).detach()


def entropy(logits):
    p = to_prob(logits)
    return -(p * p.clamp_min(1e-9).log()).sum(-1).mean()


def report(step, loss, logits):
    shares = ", ".join(f"{share:.2f}" for share in to_prob(logits).mean(0).tolist())
    print(f"step {step} loss {loss.item():.4f} shares {shares} entropy {entropy(logits).item():.3f}")


class Mixture(nn.Module):
    def __init__(self, features=6, experts=3):
        super().__init__()
        self.experts = nn.ModuleList(nn.Linear(features, 1) for _ in range(experts))
        self.gate = nn.Sequential(nn.Linear(features, 12), nn.ReLU(), nn.Linear(12, experts))

    def forward(self, x):
        logits = self.gate(x)
        votes = torch.cat([expert(x) for expert in self.experts], dim=1)
        return (to_prob(logits, temperature=0.5) * votes).sum(1), logits


torch.manual_seed(0)
model = Mixture()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(15):
    x = torch.randn(64, 6)
    y = torch.where(x[:, 0] > 0, 2 * x[:, 1], -x[:, 2])
    pred, logits = model(x)
    loss = F.mse_loss(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 7 == 0:
        report(step, loss, logits)
