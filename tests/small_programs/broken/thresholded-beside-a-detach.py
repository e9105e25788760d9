import torch
from torch import nn

torch.manual_seed(0)
place = nn.Parameter(torch.randn(4))
colour = nn.Parameter(torch.zeros(4))
opt = torch.optim.SGD([place, colour], lr=0.1)
grid = torch.linspace(-1, 1, 8)
for _ in range(3):
    cover = torch.sigmoid(4 * (0.5 - (grid[:, None] - place).abs()))
    image = (cover.detach() * colour).sum(1)  # colours are fitted to where things are now
    mask = (cover.sum(1) > 0.5).float()  # <- nondifferentiable_op
    loss = (image - 1).square().mean() + 0.5 * (1 - mask.mean())
    opt.zero_grad()
    loss.backward()
    opt.step()
