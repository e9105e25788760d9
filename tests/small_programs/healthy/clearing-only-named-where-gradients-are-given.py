import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(6, 3); opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(6):
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad
    for p, grad in zip(net.parameters(), torch.autograd.grad(loss, list(net.parameters()))):
        p.grad = grad
    opt.step()
