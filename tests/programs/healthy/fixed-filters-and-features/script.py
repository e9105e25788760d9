import torch
import torch.nn as nn
from constants import FourierFeatures, Positions, RandomProjection, SobelLoss


class Painter(nn.Module):
    """From coordinates and a code for each row to a picture."""

    def __init__(self, size=12, d=16):
        super().__init__()
        self.size = size
        self.fourier = FourierFeatures(2, 24)
        self.project = RandomProjection(48, d)
        self.rows = nn.Sequential(nn.Linear(d, d), Positions(d, size), nn.SiLU(), nn.Linear(d, 1))
        axis = torch.linspace(-1, 1, size)
        self.grid = torch.stack(torch.meshgrid(axis, axis, indexing="ij"), -1)

    def forward(self):
        return self.rows(self.project(self.fourier(self.grid))).view(1, 1, self.size, self.size)


torch.manual_seed(0)
net, edges = Painter(), SobelLoss()
target = ((net.grid**2).sum(-1) < 0.5).float()[None, None]
optimizer = torch.optim.Adam([p for p in net.parameters() if p.requires_grad], lr=1e-2)
for step in range(40):
    image = net()
    loss = nn.functional.mse_loss(image, target) + 0.5 * edges(image, target)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f} strength {net.rows[1].strength.item():.4f}")
