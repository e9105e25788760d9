"""A restricted Boltzmann machine by contrastive divergence: the negative sample is drawn by torch.distributions."""
import torch
from torch import nn
import torch.nn.functional as F
from torch.distributions import Bernoulli

torch.manual_seed(0)


class RBM(nn.Module):
    def __init__(self, visible, hidden):
        super().__init__()
        self.W = nn.Parameter(torch.randn(visible, hidden) * 0.05)
        self.a = nn.Parameter(torch.zeros(visible))
        self.b = nn.Parameter(torch.zeros(hidden))

    def sample_h(self, v):
        return Bernoulli(torch.sigmoid(v @ self.W + self.b)).sample()

    def sample_v(self, h):
        return Bernoulli(torch.sigmoid(h @ self.W.t() + self.a)).sample()

    def free_energy(self, v):
        return -(v @ self.a) - F.softplus(v @ self.W + self.b).sum(1)

    def forward(self, v, k=1):
        for _ in range(k):
            v = self.sample_v(self.sample_h(v))
        return v


rbm = RBM(12, 6)
opt = torch.optim.SGD(rbm.parameters(), lr=0.05)
data = (torch.rand(256, 12) < torch.linspace(0.1, 0.9, 12)).float()
for step in range(20):
    v = data[torch.randint(0, 256, (32,))]
    vk = rbm(v)
    loss = rbm.free_energy(v).mean() - rbm.free_energy(vk).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
