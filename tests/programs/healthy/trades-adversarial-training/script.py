import torch
import torch.nn as nn
import torch.nn.functional as F
from attack import kl, pgd


def rings(n):
    y = torch.randint(0, 2, (n,))
    angle = torch.rand(n) * 2 * torch.pi
    r = 1.0 + y + 0.15 * torch.randn(n)
    return torch.stack([r * angle.cos(), r * angle.sin()], 1), y


torch.manual_seed(0)
model = nn.Sequential(
    nn.Linear(2, 32),
    nn.BatchNorm1d(32, momentum=0.3),
    nn.ReLU(),
    nn.Linear(32, 32),
    nn.ReLU(),
    nn.Linear(32, 2),
)
model[0].bias.requires_grad_(False)  # BatchNorm makes it useless
optimizer = torch.optim.SGD([p for p in model.parameters() if p.requires_grad], lr=0.1, momentum=0.9)
for step in range(30):
    x, y = rings(96)
    adv = pgd(model, x)
    logits = model(x)
    loss = F.cross_entropy(logits, y) + 2.0 * kl(logits, model(adv))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        with torch.no_grad():
            clean = (model(x).argmax(1) == y).float().mean().item()
            robust = (model(adv).argmax(1) == y).float().mean().item()
        print(f"step {step:2d} loss {loss.item():.4f} clean {clean:.3f} robust {robust:.3f}")
