import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 3))
opt = torch.optim.SGD(net.parameters(), 0.1)  # <- optimizer_mismatch or rebuilt_leaf
def reinit(m):
    if isinstance(m, nn.Linear):
        m.weight = nn.Parameter(torch.randn_like(m.weight) * 0.02)  # <- optimizer_mismatch or rebuilt_leaf
net.apply(reinit)
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
