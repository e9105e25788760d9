import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

a = nn.Linear(4, 1); b = nn.Linear(4, 1)
opt = torch.optim.SGD([*a.parameters(), *b.parameters()], 0.1)
for i in range(4):
    x = torch.randn(8, 4)
    w = a(x).sigmoid().mean().item()  # <- python_scalar
    loss = w * (b(x) - 1).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
