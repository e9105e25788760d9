import torch
from torch import nn

torch.manual_seed(0)


class Block(nn.Module):
    def __init__(self, features):
        super().__init__()
        self.scale = nn.Linear(features, features)
        self.norm = nn.BatchNorm1d(features)

    def forward(self, x):
        return self.norm(torch.log(self.scale(x)))  # <- nan_gradient


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.begin = nn.Sequential(nn.Linear(4, 8), nn.BatchNorm1d(8), nn.ReLU())
        self.block = Block(8)
        self.end = nn.Sequential(nn.Linear(8, 8), nn.BatchNorm1d(8), nn.ReLU(), nn.Linear(8, 3))

    def forward(self, x):
        return self.end(self.block(self.begin(x)))


net = Net()
opt = torch.optim.Adam(net.parameters())
for _ in range(4):
    loss = nn.functional.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
