import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)


class Machine(nn.Module):
    """A restricted Boltzmann machine, by contrastive divergence."""

    def __init__(self):
        super().__init__()
        self.weight = nn.Parameter(0.1 * torch.randn(4, 8))
        self.seen, self.hidden = nn.Parameter(torch.zeros(8)), nn.Parameter(torch.zeros(4))

    def forward(self, v):
        for _ in range(2):
            h = torch.bernoulli(torch.sigmoid(F.linear(v, self.weight, self.hidden)))
            v = torch.bernoulli(torch.sigmoid(F.linear(h, self.weight.t(), self.seen)))
        return v

    def energy(self, v):
        return -(v @ self.seen) - F.softplus(F.linear(v, self.weight, self.hidden)).sum(1)


machine = Machine()
opt = torch.optim.SGD(machine.parameters(), 0.1)
data = torch.bernoulli(torch.full((16, 8), 0.3))
for _ in range(3):
    loss = (machine.energy(data) - machine.energy(machine(data))).mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
