import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)); optimizer = torch.optim.SGD(net.parameters(), 0.1)
for step in range(6):
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    optimizer.zero_grad  # <- other
    loss.backward()
    optimizer.step()
