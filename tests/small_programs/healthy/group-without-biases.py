# Groups by dimension: an actor without biases has an empty one, and the critic its own optimizer.
import torch
from torch import nn
torch.manual_seed(0)
def mlp(i, o, bias): return nn.Sequential(nn.Linear(i, 8, bias=bias), nn.Tanh(), nn.Linear(8, o, bias=bias))
actor, critic = mlp(3, 1, False), mlp(4, 1, True)
def groups(net):
    decay = [p for p in net.parameters() if p.ndim > 1]
    rest = [p for p in net.parameters() if p.ndim <= 1]
    return [{"params": decay, "weight_decay": 1e-2}, {"params": rest, "weight_decay": 0.0}]
opt_a = torch.optim.AdamW(groups(actor), lr=1e-2)
opt_c = torch.optim.AdamW(groups(critic), lr=1e-2)
for _ in range(6):
    s, a = torch.randn(16, 3), torch.randn(16, 1); r = s.sum(1, keepdim=True) * a
    opt_c.zero_grad(); (critic(torch.cat([s, a], 1)) - r).pow(2).mean().backward(); opt_c.step()
    opt_a.zero_grad(); (-critic(torch.cat([s, actor(s)], 1)).mean()).backward(); opt_a.step()
print([all(p.grad.abs().sum() > 0 for p in m.parameters()) for m in (actor, critic)])
