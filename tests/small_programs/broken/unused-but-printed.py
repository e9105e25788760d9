import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Head(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.margin = nn.Parameter(torch.tensor(0.3))  # <- unused_parameter

    def forward(self, x):
        print("margin", self.margin.item())
        return self.fc(x)


net = Head()
opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(4):
    loss = F.cross_entropy(net(torch.randn(8, 4)), torch.randint(0, 3, (8,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
