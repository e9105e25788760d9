import functools
import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)


class Matching(nn.Module):
    def __init__(self):
        super().__init__()
        self.prompt, self.image = nn.Linear(4, 4), nn.Linear(4, 4)

    @functools.lru_cache(maxsize=None)
    def classes(self):
        return F.normalize(self.prompt(torch.eye(4)), dim=-1)  # <- no_grad

    def forward(self, x):
        return self.image(x) @ self.classes().T


@torch.no_grad()
def evaluate(net):
    return net(torch.randn(8, 4)).argmax(-1)


net = Matching()
evaluate(net)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 4, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
