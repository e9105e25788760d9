import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
losses = []
for a, b in zip(x, y):
    losses.append(F.cross_entropy(net(a[None]), b[None]))
loss = torch.mean(torch.Tensor(losses))  # <- tensor_ctor
loss.backward()
