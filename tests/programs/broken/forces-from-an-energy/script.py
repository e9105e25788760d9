import torch
import torch.nn as nn


class Potential(nn.Module):
    def __init__(self, width=24):
        super().__init__()
        self.pair = nn.Sequential(nn.Linear(1, width), nn.SiLU(), nn.Linear(width, 1, bias=False))

    def energy(self, positions):
        i, j = torch.triu_indices(len(positions), len(positions), offset=1)
        distance = (positions[i] - positions[j]).norm(dim=1, keepdim=True)
        return self.pair(distance).sum()

    def forward(self, positions):
        positions = positions.detach().requires_grad_()
        energy = self.energy(positions)
        (slope,) = torch.autograd.grad(energy, positions)
        return -slope


def springs(positions, rest=1.0):
    gap = positions[:, None] - positions[None]
    distance = gap.norm(dim=-1, keepdim=True) + torch.eye(len(positions))[..., None]
    return (-(distance - rest) * gap / distance).sum(1)


def molecules(n, atoms=5):
    for _ in range(n):
        positions = torch.randn(atoms, 3)
        yield positions, springs(positions)


torch.manual_seed(0)
model = Potential()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    for positions, forces in molecules(4):
        loss = (model(positions) - forces).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch} {loss.item():.4f}")
