import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 4)
opt = torch.optim.SGD(net.parameters(), 0.1)
x = torch.randn(8, 4)
p = torch.sigmoid(net(x))
q = p * p
p.sub_(0.5)  # <- inplace_version
loss = q.sum()
loss.backward()
opt.step()
