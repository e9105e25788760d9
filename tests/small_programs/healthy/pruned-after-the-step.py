import torch
from torch import nn

torch.manual_seed(0)


class Cloud:
    def __init__(self, count):
        self.place = nn.Parameter(torch.randn(count, 2))
        self.size = nn.Parameter(torch.zeros(count, 1))
        self.opt = torch.optim.Adam([{"params": [self.place], "name": "place"}, {"params": [self.size], "name": "size"}])

    def prune(self, keep):
        for group in self.opt.param_groups:
            old = group["params"][0]
            state = self.opt.state.pop(old)
            new = nn.Parameter(old[keep])
            self.opt.state[new] = {name: of[keep] if of.dim() else of for name, of in state.items()}
            group["params"][0] = new
            setattr(self, group["name"], new)

    def render(self, pixels):
        apart = (pixels[:, None] - self.place[None]).square().sum(-1)
        return (-apart / self.size.exp().squeeze(1)).exp().sum(1)


cloud = Cloud(24)
pixels = torch.rand(30, 2) * 2 - 1
wanted = (pixels.norm(dim=1) < 0.5).float()
for step in range(1, 13):
    loss = (cloud.render(pixels) - wanted).square().mean()
    loss.backward()
    with torch.no_grad():
        cloud.opt.step()
        cloud.opt.zero_grad()
        if step % 4 == 0:
            cloud.prune(torch.rand(len(cloud.place)) > 0.2)
