import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 2))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
params = list(net.parameters())
for step in range(5):
    x = torch.randn(16, 4); y = (x[:, 0] > 0).long()
    loss = F.cross_entropy(net(x), y)
    l2 = F.cross_entropy(net(x * 2), y)
    g1 = torch.autograd.grad(loss, params, retain_graph=True)  # <- graph_not_created
    g2 = torch.autograd.grad(l2, params, retain_graph=True)  # <- graph_not_created
    penalty = sum((a - b).pow(2).sum() for a, b in zip(g1, g2))
    obj = loss + l2 + 10.0 * penalty
    opt.zero_grad()
    obj.backward()
    opt.step()
