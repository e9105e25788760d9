import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Linear(3, 3)
optimizer = torch.optim.SGD(net.parameters(), 0.1)
for _ in range(3):
    a = nn.functional.normalize(net(torch.randn(8, 3)), dim=1)
    loss = torch.acos((a * a).sum(1).clamp(-1, 1) + 0.0).mean()  # <- nan_gradient
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
