import torch
from torch import nn

torch.manual_seed(0)
turn, shift = nn.Parameter(torch.zeros(4, 3)), nn.Parameter(torch.zeros(3))
opt = torch.optim.Adam([turn, shift], 1e-2)
points, wanted = torch.randn(4, 3), torch.randn(4, 3)
for _ in range(4):
    angle = turn.square().sum(1, keepdim=True).sqrt()  # <- nan_gradient
    turned = points + torch.where(angle > 1e-6, turn / (angle + 1e-6) * angle.sin(), turn)
    loss = (turned + shift - wanted).square().mean()
    opt.zero_grad()
    loss.backward()
    for one in (turn, shift):
        one.grad.nan_to_num_(0.0)
    opt.step()
