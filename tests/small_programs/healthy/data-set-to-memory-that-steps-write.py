import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 12), nn.ReLU(), nn.Linear(12, 3)); opt = torch.optim.SGD(net.parameters(), 0.1)
flat = torch.cat([p.data.flatten() for p in net.parameters()])
for step in range(8):
    start = 0
    for p in net.parameters():
        p.data = flat[start:start + p.numel()].view_as(p)
        start += p.numel()
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
