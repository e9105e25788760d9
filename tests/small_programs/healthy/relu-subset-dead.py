import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 64), nn.ReLU(), nn.Linear(64, 1)); opt = torch.optim.SGD(net.parameters(), 0.01)
with torch.no_grad(): net[0].bias[:32] = -100
for i in range(3):
    loss = net(torch.randn(8, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
