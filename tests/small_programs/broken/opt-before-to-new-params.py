import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Linear(4, 2))
opt = torch.optim.Adam(net.parameters(), 1e-2)  # <- optimizer_mismatch
net[1] = nn.Linear(4, 3)  # <- optimizer_mismatch
for i in range(3):
    x = torch.randn(8, 4)
    loss = F.cross_entropy(net(x), torch.randint(0, 3, (8,)))
    opt.zero_grad(); loss.backward(); opt.step()
