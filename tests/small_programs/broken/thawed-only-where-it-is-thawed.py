import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)


def set_requires_grad(model, value):
    for p in model.parameters():
        if p.requires_grad:
            p.requires_grad = value  # <- frozen_leaf


body, head = nn.Sequential(nn.Linear(8, 16), nn.ReLU()), nn.Linear(16, 3)
x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
set_requires_grad(body, False)
opt = torch.optim.Adam(head.parameters())


def train(steps):
    for _ in range(steps):
        loss = F.cross_entropy(head(body(x)), y)
        opt.zero_grad()
        loss.backward()
        opt.step()


train(3)
set_requires_grad(body, True)
opt.add_param_group({"params": body.parameters()})
train(4)
