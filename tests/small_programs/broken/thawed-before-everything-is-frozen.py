import torch
from torch import nn

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, net):
        super().__init__()
        for parameter in net.parameters():
            parameter.requires_grad = False  # <- frozen_leaf
        self.net = net
        self.down, self.up = nn.Linear(6, 2), nn.Linear(2, 6)

    def forward(self, x):
        hidden = self.net[0](x).relu()
        return self.net[2](hidden + self.up(self.down(hidden)))


net = nn.Sequential(nn.Linear(6, 6), nn.ReLU(), nn.Linear(6, 2))
net.requires_grad_(False)
net[2].requires_grad_(True)
net[0].bias.requires_grad_(True)
model = Adapted(net)
groups = [{"params": [*model.down.parameters(), *model.up.parameters()]}, {"params": net[2].parameters()}]
optimizer = torch.optim.Adam(groups, lr=1e-2)
for _ in range(5):
    x, y = torch.randn(8, 6), torch.randint(0, 2, (8,))
    optimizer.zero_grad()
    nn.functional.cross_entropy(model(x), y).backward()
    optimizer.step()
