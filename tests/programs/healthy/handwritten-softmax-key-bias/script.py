import torch
import torch.nn as nn
from softmax import Attention, nll


class Pointer(nn.Module):
    """Says which of the items is closest to the query in the first place."""

    def __init__(self, d=16):
        super().__init__()
        self.inp = nn.Linear(3, d)
        self.attention = Attention(d)
        self.score = nn.Linear(d, 1, bias=False)

    def forward(self, x, mask):
        h = self.inp(x)
        h = torch.tanh(h + self.attention(h, mask))
        scores = (self.score(h) + (h * h[:, :1]).mean(-1, keepdim=True)).squeeze(-1)
        return scores[:, 1:].masked_fill(~mask[:, 1:], float("-inf"))


def batch(n=48, items=5):
    x = torch.randn(n, items + 1, 3)
    mask = torch.rand(n, items + 1) < 0.8
    mask[:, :2] = True
    distance = (x[:, 1:] - x[:, :1]).norm(dim=-1).masked_fill(~mask[:, 1:], float("inf"))
    return x, mask, distance.argmin(1)


torch.manual_seed(0)
net = Pointer()
optimizer = torch.optim.Adam(net.parameters(), lr=1e-2)
for step in range(40):
    x, mask, y = batch()
    loss = nll(net(x, mask).clamp(min=-1e4), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")
