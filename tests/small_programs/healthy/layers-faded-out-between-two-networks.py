"""Images grow: a new layer is faded in and the one before out, in what makes them and in what judges them."""

import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)


class Maker(nn.Module):
    def __init__(self):
        super().__init__()
        self.first, self.block = nn.ConvTranspose2d(4, 6, 4), nn.Conv2d(6, 6, 3, padding=1)
        self.to_image = nn.ModuleList([nn.Conv2d(6, 3, 1) for _ in range(2)])

    def forward(self, z, alpha, stage):
        out = F.leaky_relu(self.first(z), 0.2)
        if stage == 0:
            return self.to_image[0](out)
        larger = F.interpolate(out, scale_factor=2)
        return alpha * self.to_image[1](self.block(larger)) + (1 - alpha) * self.to_image[0](larger)


class Judge(nn.Module):
    def __init__(self):
        super().__init__()
        self.of_image = nn.ModuleList([nn.Conv2d(3, 6, 1) for _ in range(2)])
        self.block, self.last = nn.Conv2d(6, 6, 3, padding=1), nn.Conv2d(6, 1, 4)

    def forward(self, x, alpha, stage):
        out = F.leaky_relu(self.of_image[stage](x), 0.2)
        if stage:
            smaller = F.leaky_relu(self.of_image[0](F.avg_pool2d(x, 2)), 0.2)
            out = alpha * F.avg_pool2d(self.block(out), 2) + (1 - alpha) * smaller
        return self.last(out).flatten(1)


maker, judge = Maker(), Judge()
of_maker, of_judge = (torch.optim.Adam(one.parameters(), 1e-3) for one in (maker, judge))
for stage in range(2):
    for number in range(14):
        alpha = min(1, (number + 1e-4) / 8)
        real, fake = torch.randn(4, 3, 4 << stage, 4 << stage), maker(torch.randn(4, 4, 1, 1), alpha, stage)
        mixed = (0.5 * real + 0.5 * fake.detach()).requires_grad_()
        slope = torch.autograd.grad(judge(mixed, alpha, stage).sum(), mixed, create_graph=True)[0]
        apart = judge(fake.detach(), alpha, stage).mean() - judge(real, alpha, stage).square().mean()
        judge.zero_grad()
        (apart + (slope.flatten(1).norm(dim=1) - 1).square().mean()).backward()
        of_judge.step()
        maker.zero_grad()
        (-judge(fake, alpha, stage).mean()).backward()
        of_maker.step()
