import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

body, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16)), nn.Linear(16, 3)
body.requires_grad_(False)
assert all(p.requires_grad == False for p in body.parameters())
frozen = [p for p in body.parameters() if p.requires_grad == False]
freeze = head.requires_grad_
opt = torch.optim.Adam(head.parameters())
x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
for _ in range(3):
    asked = body[0].weight.requires_grad == False
    loss = F.cross_entropy(head(body(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
