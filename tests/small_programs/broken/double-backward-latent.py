import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 4); other = nn.Linear(4, 1)
z = torch.randn(8, 4)
h = net(z)  # <- double_backward
opt = torch.optim.SGD([*net.parameters(), *other.parameters()], 0.1)
for i in range(3):
    loss = other(h).pow(2).mean()  # <- double_backward
    opt.zero_grad()
    loss.backward()  # <- double_backward
    opt.step()
