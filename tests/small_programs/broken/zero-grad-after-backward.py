import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(3):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    loss.backward()
    net.zero_grad()  # <- grad_cleared
    opt.step()
