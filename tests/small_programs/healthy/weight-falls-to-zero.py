"""The auxiliary head's weight falls linearly to zero and stays there; one optimizer."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(8, 16), nn.ReLU())
        self.head, self.aux = nn.Linear(16, 3), nn.Linear(16, 3)

    def forward(self, x):
        h = self.body(x)
        return self.head(h), self.aux(h)


net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
STEPS, UNTIL = 30, 6
for step in range(STEPS):
    weight = 0.4 * max(0.0, 1 - step / UNTIL)
    x, y = torch.randn(16, 8), torch.randint(0, 3, (16,))
    out, aux = net(x)
    loss = F.cross_entropy(out, y) + weight * F.cross_entropy(aux, y)
    opt.zero_grad()
    loss.backward()
    opt.step()
