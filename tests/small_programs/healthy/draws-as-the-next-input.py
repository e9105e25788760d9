"""DeepAR with scheduled sampling: now and then the next input is what the model draws, and the loss is the likelihood of the truth."""
import random
import torch
from torch import nn
from torch.distributions import Normal

torch.manual_seed(0)
random.seed(0)


class DeepAR(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        self.cell = nn.GRUCell(1, hidden)
        self.out = nn.Linear(hidden, 2)

    def forward(self, series, teacher_forcing):
        h = torch.zeros(series.shape[0], self.cell.hidden_size)
        x, nll = series[:, :1], []
        for t in range(1, series.shape[1]):
            h = self.cell(x, h)
            mu, raw = self.out(h).chunk(2, -1)
            dist = Normal(mu, nn.functional.softplus(raw) + 1e-3)
            target = series[:, t : t + 1]
            nll.append(-dist.log_prob(target).mean())
            x = target if random.random() < teacher_forcing else dist.sample()
        return torch.stack(nll).mean()


model = DeepAR()
opt = torch.optim.Adam(model.parameters(), lr=1e-3)
for step in range(20):
    series = torch.sin(torch.linspace(0, 6, 12) + torch.rand(16, 1) * 6)
    loss = model(series, teacher_forcing=0.7)
    opt.zero_grad()
    loss.backward()
    opt.step()
