import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3))
opt = torch.optim.Adam(net.parameters())
views, y = torch.randn(4, 16, 6), torch.randint(0, 3, (16,))
for _ in range(3):
    opt.zero_grad()
    for view in views:
        loss = F.cross_entropy(net(view), y)  # <- other
    loss.backward()
    opt.step()
