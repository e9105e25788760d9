# A multiplier in a helper object, moved by a plain number through its data.
import torch
from torch import nn
torch.manual_seed(0)
class Dual:
    """Lagrange multiplier, updated by dual ascent in closed form."""
    def __init__(s, p): s.raw = p
    @property
    def value(s): return nn.functional.softplus(s.raw)
    def ascend(s, violation):
        s.raw.data.add_(0.1 * violation)
        s.raw.grad = None
class Policy(nn.Module):
    def __init__(s):
        super().__init__(); s.net = nn.Linear(4, 2)
        s.dual = Dual(nn.Parameter(torch.tensor(0.5)))
    def loss(s, x):
        out = s.net(x); cost = out[:, 0].pow(2).mean() - 0.1
        return -(out[:, 1].tanh()).mean() + s.dual.value * cost, cost
pi = Policy(); opt = torch.optim.Adam(pi.parameters(), lr=1e-2)
for _ in range(6):
    loss, cost = pi.loss(torch.randn(16, 4)); opt.zero_grad(); loss.backward(); opt.step(); pi.dual.ascend(cost.item())
print(float(pi.dual.value))
