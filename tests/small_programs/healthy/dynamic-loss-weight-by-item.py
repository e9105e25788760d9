import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

a = nn.Linear(4, 3); b = nn.Linear(4, 1); t = nn.Linear(4, 4)
opt = torch.optim.Adam([*a.parameters(), *b.parameters(), *t.parameters()])
for i in range(4):
    h = t(torch.randn(16, 4))
    l1 = F.cross_entropy(a(h), torch.randint(0, 3, (16,)))
    l2 = b(h).pow(2).mean()
    loss = l1 / l1.item() + l2 / l2.detach()
    opt.zero_grad(); loss.backward(); opt.step()
