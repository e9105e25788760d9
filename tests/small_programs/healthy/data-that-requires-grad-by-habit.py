"""Inputs and targets of a whole batch require grad by habit, and meet what is learnt by products too."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
x = torch.randn(12, 4, requires_grad=True)
y = torch.rand(12, 4, requires_grad=True)
labels = F.one_hot(torch.randint(0, 3, (12,)), 3).float().requires_grad_()
gate, net = nn.Linear(4, 4), nn.Linear(4, 3)
scale = torch.ones(4, requires_grad=True)
optimizer = torch.optim.Adam([*gate.parameters(), *net.parameters(), scale], lr=1e-2)
for _ in range(5):
    hidden = x * torch.sigmoid(gate(x)) * scale
    shares = F.log_softmax(net(hidden), 1)
    probable = torch.sigmoid(hidden)
    loss = -(labels * shares).sum(1).mean() - (y * probable.log() + (1 - y) * (1 - probable).log()).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
