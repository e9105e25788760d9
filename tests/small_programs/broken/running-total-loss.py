import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.SGD(net.parameters(), 0.1)
total = 0
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    total += F.cross_entropy(net(x), y)  # <- double_backward
    opt.zero_grad()
    total.backward()
    opt.step()
