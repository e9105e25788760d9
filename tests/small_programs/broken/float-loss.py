import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), 0.1)
def total(parts):
    return sum(float(p) for p in parts)  # <- python_scalar
x = torch.randn(4, 4)
loss = total([net(x).pow(2).mean(), net.weight.abs().sum()])
loss.backward()
