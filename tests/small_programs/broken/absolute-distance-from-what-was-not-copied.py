import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 3)
start = {name: p.data for name, p in net.named_parameters()}
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(32, 4), torch.randint(0, 3, (32,))
for _ in range(4):
    loss = nn.functional.cross_entropy(net(x), y)
    for name, p in net.named_parameters():
        loss = loss + 0.1 * (p - start[name]).abs().sum()  # <- zero_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
