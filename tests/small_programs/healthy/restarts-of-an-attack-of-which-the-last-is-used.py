import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net = nn.Linear(4, 3)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(8):
    x, labels = torch.randn(16, 4).requires_grad_(), torch.randint(3, (16,))
    for _ in range(3):
        (slope,) = torch.autograd.grad(F.cross_entropy(net(x), labels), x)
        attack = x + 0.1 * slope.sign()
    loss = F.cross_entropy(net(attack.detach()), labels) + F.cross_entropy(net(x), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
