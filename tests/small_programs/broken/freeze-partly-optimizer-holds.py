import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 2))
def freeze(m):
    for p in m.parameters():
        p.requires_grad_(False)  # <- frozen_leaf
freeze(net[0])
opt = torch.optim.SGD(net.parameters(), 0.1)
for e in range(3):
    if e == 1:
        net[0].requires_grad = True  # <- frozen_leaf
    x = torch.randn(8, 4)
    loss = F.cross_entropy(net(x), torch.randint(0, 2, (8,)))
    opt.zero_grad(); loss.backward(); opt.step()
