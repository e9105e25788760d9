"""An energy one term of which is of the sample alone: Langevin steps derive it by that, the loss has it too."""
import torch
from torch import nn
from torch.nn.utils.parametrizations import spectral_norm


class Energy(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(spectral_norm(nn.Linear(2, 8)), nn.SiLU(), nn.Linear(8, 1))

    def forward(self, x):
        return self.body(x)[:, 0] + 0.02 * x.square().sum(1)


def sample(energy, x):
    energy.requires_grad_(False)
    for _ in range(4):
        x = x.detach().requires_grad_(True)
        (slope,) = torch.autograd.grad(energy(x).sum(), x)
        x = x.data - 0.1 * slope.clamp(-1, 1) + 0.1 * torch.randn_like(x)
    energy.requires_grad_(True)
    return x.detach()


torch.manual_seed(0)
energy = Energy()
optimizer = torch.optim.Adam(energy.parameters(), 1e-2)
replay = torch.randn(16, 2)
for _ in range(12):
    replay = sample(energy, replay)
    loss = energy(torch.randn(16, 2) + 1).mean() - energy(replay).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
