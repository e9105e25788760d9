import torch
from torch import nn

torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1)).bfloat16()
masters = [nn.Parameter(p.detach().float()) for p in net.parameters()]
opt = torch.optim.Adam(masters, lr=0.01)
for _ in range(4):
    x, y = torch.randn(6, 4).bfloat16(), torch.randn(6, 1).bfloat16()
    hidden = net[1](net[0](x)).detach()  # <- detach
    loss = (net[2](hidden) - y).square().mean()
    net.zero_grad()
    loss.backward()
    for master, p in zip(masters, net.parameters()):
        master.grad = None if p.grad is None else p.grad.float()
    opt.step()
    with torch.no_grad():
        for master, p in zip(masters, net.parameters()):
            p.copy_(master)
