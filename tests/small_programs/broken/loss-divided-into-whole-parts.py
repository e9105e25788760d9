import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y, reduction="sum")
    loss = loss // len(x)  # <- nondifferentiable_op
    opt.zero_grad()
    loss.backward()
    opt.step()
