"""A switch layer: top-1 routing by index, capacity, load-balance loss; several experts idle in some steps."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Expert(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.wi, self.wo = nn.Linear(d, 2 * d, bias=False), nn.Linear(2 * d, d, bias=False)

    def forward(self, x):
        return self.wo(F.relu(self.wi(x)))


class SwitchFFN(nn.Module):
    def __init__(self, d, n, capacity=4):
        super().__init__()
        self.router = nn.Linear(d, n, bias=False)
        self.experts = nn.ModuleList(Expert(d) for _ in range(n))
        self.capacity, self.n = capacity, n

    def forward(self, x):
        shape = x.shape
        x = x.reshape(-1, shape[-1])
        noise = torch.empty_like(x).uniform_(0.98, 1.02) if self.training else 1.0
        probs = F.softmax(self.router(x * noise).float(), -1)
        gate, index = probs.max(-1)
        density = F.one_hot(index, self.n).float().mean(0)
        aux = self.n * (density * probs.mean(0)).sum()
        out = torch.zeros_like(x)
        for e, expert in enumerate(self.experts):
            where = (index == e).nonzero(as_tuple=True)[0]
            if where.numel() == 0:
                continue
            where = where[: self.capacity]
            out[where] = gate[where, None].to(x.dtype) * expert(x[where])
        return out.reshape(shape), aux


class Net(nn.Module):
    def __init__(self, d=8, n=16):
        super().__init__()
        self.inp = nn.Linear(3, d)
        self.layers = nn.ModuleList(SwitchFFN(d, n) for _ in range(2))
        self.norm, self.head = nn.LayerNorm(d), nn.Linear(d, 1)

    def forward(self, x):
        x, aux = self.inp(x), 0.0
        for layer in self.layers:
            y, a = layer(x)
            x, aux = x + y, aux + a
        return self.head(self.norm(x)), aux


net = Net()
opt = torch.optim.AdamW(net.parameters(), 1e-3)
for step in range(6):
    x = torch.randn(2, 5, 3)
    y, aux = net(x)
    loss = F.mse_loss(y, x.sum(-1, keepdim=True)) + 0.01 * aux
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(step, loss.item())
