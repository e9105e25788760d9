"""A model comes with the optimizer that it was trained by; a patch that fools it is what is trained here."""
import torch
from torch import nn

torch.manual_seed(0)


def loaded():
    model = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
    return model, torch.optim.SGD(model.parameters(), lr=0.1)


model, optimizer = loaded()
patch = nn.Parameter(torch.zeros(6))
of_patch = torch.optim.Adam([patch], lr=0.05)
for _ in range(8):
    x = torch.randn(16, 6)
    of_patch.zero_grad()
    nn.functional.cross_entropy(model(x + patch), torch.zeros(16, dtype=torch.long)).backward()
    of_patch.step()
print((model(torch.randn(64, 6) + patch).argmax(1) == 0).float().mean().item())
