import torch
from torch import nn
from torch.func import functional_call, grad, vmap

torch.manual_seed(0)
body, head = nn.Linear(4, 3), nn.Linear(3, 1)
opt = torch.optim.SGD([*body.parameters(), *head.parameters()], lr=0.1)
weights = {name: p.detach().clone() for name, p in head.named_parameters()}
for _ in range(3):
    x, y = torch.randn(8, 4), torch.randn(8, 1)
    features = torch.tanh(body(x)).detach()  # <- detach
    inner = lambda w, f, t: (functional_call(head, w, (f,)) - t).square().mean()
    size = sum(g.square().mean() for g in vmap(grad(inner), (None, 0, 0))(weights, features, y).values())
    loss = (head(features) - y).square().mean() + size
    opt.zero_grad()
    loss.backward()
    opt.step()
