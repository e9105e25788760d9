import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)


def set_requires_grad(model, value):
    for p in model.parameters():
        if p.requires_grad:
            p.requires_grad = value


body, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU()), nn.Linear(16, 3)
x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
set_requires_grad(body, False)
set_requires_grad(head, True)
opt = torch.optim.Adam([*body.parameters(), *head.parameters()])
for _ in range(4):
    loss = F.cross_entropy(head(body(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
