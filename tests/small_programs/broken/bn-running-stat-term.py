import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.BatchNorm1d(4), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), 0.1)
class Cov(nn.Module):
    def __init__(self):
        super().__init__()
        self.register_buffer("mean", torch.zeros(4))
    def forward(self, h):
        self.mean = 0.9 * self.mean + 0.1 * h.mean(0).detach()  # <- detach or no_grad or values_copied
        return self.mean.pow(2).sum()
cov = Cov()
for i in range(3):
    x = torch.randn(8, 4)
    h = net[0](x)
    loss = net(x).pow(2).mean() + 0.1 * cov(h)
    opt.zero_grad(); loss.backward(); opt.step()
