import math

import torch
import torch.nn as nn
import torch.nn.functional as F


def gumbel_like(logits):
    u = torch.rand_like(logits).clamp_(1e-6, 1 - 1e-6)
    return -torch.log(-torch.log(u))


class HardAttention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.query = nn.Parameter(torch.randn(d) / math.sqrt(d))
        self.key, self.value = nn.Linear(d, d, bias=False), nn.Linear(d, d)
        self.tau = 1.0

    def weights(self, x):
        scores = self.key(x) @ self.query
        if not self.training:
            return F.one_hot(scores.argmax(-1), x.shape[1]).to(x.dtype)
        soft = ((scores + gumbel_like(scores)) / self.tau).softmax(-1)
        hard = torch.zeros_like(soft).scatter_(-1, soft.argmax(-1, keepdim=True), 1.0)
        return hard - soft.detach() + soft

    def forward(self, x):
        w = self.weights(x)
        return (w.unsqueeze(1) @ self.value(x)).squeeze(1), w


class Picker(nn.Module):
    def __init__(self, d_in=5, d=16):
        super().__init__()
        self.inp = nn.Linear(d_in, d)
        self.attend = HardAttention(d)
        self.out = nn.Linear(d, 1)

    def forward(self, x):
        h, w = self.attend(torch.tanh(self.inp(x)))
        return self.out(h).squeeze(-1), w


def batch(n=64, slots=6):
    x = torch.randn(n, slots, 5)
    best = x[..., 0].argmax(1)
    return x, x[torch.arange(n), best, 1], best


torch.manual_seed(0)
net = Picker()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(40):
    net.attend.tau = max(0.5, 1.0 - step / 60)
    x, y, _ = batch()
    pred, _ = net(x)
    loss = F.mse_loss(pred, y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
net.eval()
x, y, best = batch(200)
_, w = net(x)
right = (w.argmax(1) == best).float().mean().item()
print(f"loss {loss.item():.4f}, picks the right slot in {right:.2f} of all")
