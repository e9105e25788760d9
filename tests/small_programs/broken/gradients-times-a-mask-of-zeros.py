import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 8), nn.ReLU(), nn.Linear(8, 3)); opt = torch.optim.SGD(net.parameters(), 0.1)
masks = {name: torch.zeros_like(p) for name, p in net.named_parameters()}
for step in range(8):
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    for name, p in net.named_parameters():
        p.grad.mul_(masks[name])  # <- zero_gradient
    opt.step()
