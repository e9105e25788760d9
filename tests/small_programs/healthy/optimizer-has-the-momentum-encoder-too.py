import copy

import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Contrast(nn.Module):
    def __init__(self, every, how):
        super().__init__()
        self.online = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 8))
        self.predictor = nn.Linear(8, 8)
        self.target = copy.deepcopy(self.online)
        self.every, self.how = every, how

    @torch.no_grad()
    def follow(self, step, momentum=0.9):
        if step % self.every:
            return
        pairs = list(zip(self.target.parameters(), self.online.parameters()))
        if self.how == "data":
            for mine, other in pairs:
                mine.data = mine.data * momentum + other.data * (1 - momentum)
        elif self.how == "in place":
            for mine, other in pairs:
                mine.mul_(momentum).add_(other, alpha=1 - momentum)
        elif self.how == "together":
            torch._foreach_lerp_([mine for mine, _ in pairs], [other for _, other in pairs], 1 - momentum)
        else:
            self.target.load_state_dict(self.online.state_dict())

    def forward(self, one, other):
        with torch.no_grad():
            aim = self.target(other)
        return 2 - 2 * F.cosine_similarity(self.predictor(self.online(one)), aim).mean()


for every, how in ((1, "data"), (2, "in place"), (1, "together"), (3, "loaded")):
    net = Contrast(every, how)
    optimizer = torch.optim.Adam(net.parameters(), lr=1e-3)
    for step in range(8):
        x = torch.randn(8, 8)
        loss = net(x + 0.1 * torch.randn_like(x), x + 0.1 * torch.randn_like(x))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
        net.follow(step)
