import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
crit = nn.CrossEntropyLoss()
x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
out = net(x)
loss = crit(out.detach(), y)  # <- detach
opt.zero_grad()
loss.backward()
