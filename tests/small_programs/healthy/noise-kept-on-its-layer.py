"""Bayes by Backprop: the noise of the last draw is kept on the layer, for the log density."""
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

class BayesLinear(nn.Module):
    def __init__(self, inp, out):
        super().__init__()
        self.weight_mu = nn.Parameter(torch.randn(out, inp) * 0.1)
        self.weight_rho = nn.Parameter(torch.full((out, inp), -3.0))
        self.bias = nn.Parameter(torch.zeros(out))
        self.weight_eps = None

    def sample(self):
        self.weight_eps = torch.randn_like(self.weight_rho)
        self.sigma = F.softplus(self.weight_rho)
        return self.weight_mu + self.sigma * self.weight_eps

    def forward(self, x):
        weight = self.sample()
        return F.linear(x, weight, self.bias)

    def kl(self):
        sigma = F.softplus(self.weight_rho)
        return (0.5 * (sigma**2 + self.weight_mu**2) - sigma.log() - 0.5).sum()

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = BayesLinear(5, 16), BayesLinear(16, 1)

    def forward(self, x):
        return self.b(F.relu(self.a(x)))

    def kl(self):
        return self.a.kl() + self.b.kl()

net = Net()
opt = torch.optim.Adam(net.parameters(), lr=1e-2)
x = torch.randn(128, 5)
y = x.sum(1, keepdim=True).sin()
for step in range(4):
    opt.zero_grad()
    loss = F.mse_loss(net(x), y) + 1e-4 * net.kl()
    loss.backward()
    opt.step()
