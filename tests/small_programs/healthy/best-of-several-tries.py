import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 8), nn.Dropout(), nn.Linear(8, 3))
opt = torch.optim.Adam(net.parameters())
x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))
for _ in range(3):
    for _ in range(4):
        loss = F.cross_entropy(net(x + 0.1 * torch.randn_like(x)), y)
        if loss > 1.5:
            break
    opt.zero_grad()
    loss.backward()
    opt.step()
