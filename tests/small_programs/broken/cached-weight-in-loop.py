import torch, torch.nn as nn
from torch.nn.utils import parametrizations, parametrize
torch.manual_seed(0)

net = nn.Sequential(parametrizations.orthogonal(nn.Linear(4, 4)), nn.Tanh(), nn.Linear(4, 1))
optimizer = torch.optim.SGD(net.parameters(), 0.1)

def epoch():
    for _ in range(3):
        loss = net(torch.randn(8, 4)).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()

with parametrize.cached():  # <- double_backward
    epoch()
