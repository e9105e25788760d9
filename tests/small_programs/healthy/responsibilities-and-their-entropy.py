"""Generalised EM of a mixture: responsibilities without gradients, then a gradient step on the free energy."""
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)


class Mixture(nn.Module):
    def __init__(self, k, d):
        super().__init__()
        self.logits = nn.Parameter(torch.zeros(k))
        self.mean = nn.Parameter(torch.randn(k, d))
        self.log_std = nn.Parameter(torch.zeros(k, d))

    def joint(self, x):
        comp = Normal(self.mean, self.log_std.exp()).log_prob(x[:, None]).sum(-1)
        return self.logits.log_softmax(0) + comp


model = Mixture(3, 2)
opt = torch.optim.Adam(model.parameters(), lr=1e-2)
x = torch.cat([torch.randn(50, 2) + c for c in torch.tensor([[3.0, 0], [-3, 0], [0, 3]])])
for step in range(20):
    with torch.no_grad():
        r = model.joint(x).softmax(1)                       # E step
    expected = (r * model.joint(x)).sum(1).mean()
    entropy = -(r * (r + 1e-9).log()).sum(1).mean()
    free_energy = -(expected + entropy)
    opt.zero_grad()
    free_energy.backward()
    opt.step()
