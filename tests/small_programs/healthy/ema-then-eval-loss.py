import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

import copy
net = nn.Linear(4, 1); ema = copy.deepcopy(net).requires_grad_(False)
opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
    with torch.no_grad():
        for a, b in zip(ema.parameters(), net.parameters()): a.lerp_(b, 0.1)
    val = ema(x).pow(2).mean()
    print(val.item())
