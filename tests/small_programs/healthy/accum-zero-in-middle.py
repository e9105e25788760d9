import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
for i in range(8):
    x = torch.randn(8, 4, requires_grad=True); y = torch.randint(0, 3, (8,))
    F.cross_entropy(net(x), y).backward()
    adv = (x + 0.1 * x.grad.sign()).detach()
    opt.zero_grad()
    loss = F.cross_entropy(net(adv), y)
    loss.backward(); opt.step()
