import copy

import torch
from torch import nn

torch.manual_seed(0)
student = nn.Sequential(nn.Linear(4, 16), nn.ReLU(), nn.Linear(16, 1))
teacher = copy.deepcopy(student).requires_grad_(False)
optimizer = torch.optim.Adam(student.parameters(), lr=0.01)


def average(into, of, decay):
    with torch.no_grad():
        for mine, other in zip(into.parameters(), of.parameters()):
            mine.mul_(decay).add_(other, alpha=1 - decay)  # <- values_copied


for step in range(12):
    x = torch.randn(8, 4)
    loss = (student(x) - x.sum(1, keepdim=True)).pow(2).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    average(student, teacher, 0.0)
