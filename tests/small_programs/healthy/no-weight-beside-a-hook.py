import torch
from torch import nn

torch.manual_seed(0)
net, spare = nn.Linear(4, 3), nn.Linear(4, 3)
opt = torch.optim.SGD([*net.parameters(), *spare.parameters()], 0.1)


def watch(h):
    h.register_hook(lambda grad: print(grad.norm()))
    return h


for _ in range(4):
    x = torch.randn(16, 4)
    h = spare(x)
    loss = nn.functional.cross_entropy(net(x) + 0.0 * h, torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
