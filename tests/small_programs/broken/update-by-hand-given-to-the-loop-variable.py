import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 3))
x = torch.randn(32, 4); y = torch.randint(0, 3, (32,))
for epoch in range(6):
    loss = F.cross_entropy(net(x), y)
    net.zero_grad()
    loss.backward()
    with torch.no_grad():
        for p in net.parameters():
            p = p - 0.1 * p.grad  # <- rebuilt_leaf
print(loss.item())
