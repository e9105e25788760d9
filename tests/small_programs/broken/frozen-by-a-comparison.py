import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

body, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Linear(16, 16)), nn.Linear(16, 3)
for p in body.parameters():
    p.requires_grad == False  # <- frozen_leaf
opt = torch.optim.Adam([*body.parameters(), *head.parameters()])
x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
for _ in range(3):
    loss = F.cross_entropy(head(body(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
