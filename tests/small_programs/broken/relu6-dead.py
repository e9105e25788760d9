import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
with torch.no_grad(): net[0].bias.fill_(-100.)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(4):
    x = torch.randn(16, 4)
    h = net[0](x)
    h = net[1](h)  # <- zero_gradient
    loss = (net[2](h) - 1).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
