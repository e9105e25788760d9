import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

body = nn.Sequential(nn.Linear(4, 4), nn.ReLU()); head = nn.Linear(4, 2)
for p in body.parameters():
    p.requires_grad = False
for p in head.parameters():
    p.requires_grad = False  # <- frozen_leaf
opt = torch.optim.SGD(head.parameters(), 0.1)
x = torch.randn(8, 4)
loss = F.cross_entropy(head(body(x)), torch.randint(0, 2, (8,)))
loss.backward()
opt.step()
