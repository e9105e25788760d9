import torch
import torch.nn as nn

from robust import trimmed_mean

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 24), nn.Tanh(), nn.Linear(24, 1))
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
slope = torch.tensor([1.0, -2.0, 0.5, 0.0])
for step in range(15):
    x = torch.randn(80, 4)
    y = x @ slope
    y[:4] += 30 * torch.rand(4)
    residuals = (model(x).squeeze(1) - y).abs()
    loss = trimmed_mean(residuals, keep=0.9).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        print(f"step {step} trimmed loss {loss.item():.4f}")
