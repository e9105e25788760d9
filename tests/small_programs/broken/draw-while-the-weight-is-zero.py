import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Coder(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.mean, self.spread = nn.Linear(6, 8), nn.Linear(8, 2), nn.Linear(8, 2)
        self.back = nn.Linear(2, 6)

    def forward(self, x):
        h = torch.relu(self.body(x))
        mean, spread = self.mean(h), self.spread(h)
        z = torch.distributions.Normal(mean, spread.exp()).sample()  # <- no_grad
        return self.back(z), mean, spread


coder = Coder()
opt = torch.optim.Adam(coder.parameters(), lr=1e-2)
for step in range(8):
    weight = step // 100
    x = torch.randn(16, 6)
    out, mean, spread = coder(x)
    apart = (mean.square() + spread.exp() - spread).mean()
    loss = F.mse_loss(out, x) + weight * apart
    opt.zero_grad()
    loss.backward()
    opt.step()
