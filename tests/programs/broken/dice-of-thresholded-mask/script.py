import torch
import torch.nn as nn
import torch.nn.functional as F

from metrics import dice


class TwoStage(nn.Module):
    """A coarse mask, then a refined one."""

    def __init__(self, width=6):
        super().__init__()
        self.coarse = nn.Sequential(nn.Conv2d(1, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 3, padding=1))
        self.refine = nn.Sequential(nn.Conv2d(2, width, 3, padding=1), nn.ReLU(), nn.Conv2d(width, 1, 1))

    def forward(self, x):
        coarse = self.coarse(x)
        return coarse, coarse + self.refine(torch.cat([x, coarse], 1))


def blobs(n, size=12):
    grid = torch.stack(torch.meshgrid(torch.arange(size), torch.arange(size), indexing="ij")).float()
    centre = 3 + (size - 6) * torch.rand(n, 2, 1, 1)
    mask = ((grid - centre).square().sum(1, keepdim=True) < 9).float()
    return mask + 0.4 * torch.randn_like(mask), mask


torch.manual_seed(0)
net = TwoStage()
optimizer = torch.optim.Adam(net.parameters(), lr=5e-3)
for step in range(12):
    x, mask = blobs(8)
    coarse, fine = net(x)
    loss = F.binary_cross_entropy_with_logits(coarse, mask) + (1 - dice(fine, mask))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f} dice {dice(fine, mask).item():.3f}")
