import torch
import torch.nn as nn

torch.manual_seed(0)
net, place = nn.Linear(4, 4), nn.Parameter(torch.randn(4))
opt = torch.optim.Adam([*net.parameters(), place])
for _ in range(4):
    h = net(torch.randn(3, 4))
    h.add(place)
    h.mul(2.0)
    loss = (h + place).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
