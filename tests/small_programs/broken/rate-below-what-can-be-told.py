import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(8, 16), nn.Tanh(), nn.Linear(16, 1))
opt = torch.optim.SGD(net.parameters(), lr=1e-15)  # <- other
x = torch.randn(64, 8); y = x.sum(1, keepdim=True)
for step in range(10):
    loss = (net(x) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
