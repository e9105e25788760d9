import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 4, bias=False)
with torch.no_grad(): net.weight.copy_(torch.eye(4))
opt = torch.optim.SGD(net.parameters(), 0.1)
x = F.normalize(torch.randn(8, 4), dim=-1)
for i in range(2):
    c = (F.normalize(net(x), dim=-1) * x).sum(-1).clamp(-1, 1)
    c = c.round(decimals=5) if False else c.clamp(max=1.0)
    ang = torch.acos(torch.where(c > 0.9999, torch.ones_like(c) * c / c, c))  # <- nan_gradient
    loss = ang.mean()
    opt.zero_grad(); loss.backward(); opt.step()
