import copy
import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(6, 12), nn.Tanh(), nn.Linear(12, 1)); opt = torch.optim.SGD(net.parameters(), 0.05)
average = copy.deepcopy(net)

def follow(target, source, decay):
    for t, s in zip(target.parameters(), source.parameters()):
        t.data.copy_(s.data)  # <- values_copied

x = torch.randn(32, 6); y = x.sum(1, keepdim=True)
for step in range(8):
    loss = (net(x) - y).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    follow(net, average, 0.99)
