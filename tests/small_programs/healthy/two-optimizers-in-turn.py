import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(2, 8), nn.Tanh(), nn.Linear(8, 1))
x = torch.randn(16, 2)
adam, lbfgs = torch.optim.Adam(net.parameters(), 1e-2), torch.optim.LBFGS(net.parameters(), max_iter=2)

def closure():
    lbfgs.zero_grad()
    loss = net(x).square().mean()
    loss.backward()
    return loss

for _ in range(4):
    adam.zero_grad()
    net(x).square().mean().backward()
    adam.step()
    lbfgs.step(closure)
