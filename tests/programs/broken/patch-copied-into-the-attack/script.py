import torch
import torch.nn as nn
import torch.nn.functional as F

from patching import PatchApplier

torch.manual_seed(0)
victim = nn.Sequential(nn.Conv2d(1, 6, 3, padding=1), nn.ReLU(), nn.AdaptiveAvgPool2d(2), nn.Flatten(), nn.Linear(24, 4))
victim.eval().requires_grad_(False)

patch = torch.full((1, 5, 5), 0.5, requires_grad=True)
optimizer = torch.optim.Adam([patch], lr=0.05)
applier = PatchApplier(patch=patch, corner=(2, 3), jitter=2)
goal = torch.full((16,), 2)

for step in range(15):
    images = torch.rand(16, 1, 14, 14)
    loss = F.cross_entropy(victim(applier(images)), goal)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 5 == 0:
        print(f"step {step} loss {loss.item():.4f} patch mean {patch.mean().item():.4f}")
