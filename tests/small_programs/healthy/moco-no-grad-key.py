import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

import copy
q = nn.Linear(4, 4); k = copy.deepcopy(q)
for p in k.parameters(): p.requires_grad = False
opt = torch.optim.SGD(q.parameters(), 0.1)
for i in range(4):
    x = torch.randn(8, 4)
    with torch.no_grad():
        for a, b in zip(k.parameters(), q.parameters()): a.mul_(0.99).add_(b, alpha=0.01)
        key = F.normalize(k(x), dim=-1)
    logits = F.normalize(q(x), dim=-1) @ key.T
    loss = F.cross_entropy(logits / 0.1, torch.arange(8))
    opt.zero_grad(); loss.backward(); opt.step()
