import torch
from torch import nn
from torch.func import functional_call, grad, vmap
torch.manual_seed(0)

class Gated(nn.Module):
    def __init__(self):
        super().__init__(); self.gate, self.body = nn.Linear(3, 1), nn.Linear(3, 1)
    def forward(self, x):
        return (self.gate(x) > 0).float() * self.body(x)

model = Gated(); params = dict(model.named_parameters())
opt = torch.optim.SGD(params.values(), lr=0.1)
each = vmap(grad(lambda p, x: functional_call(model, p, (x,)).square().sum()), in_dims=(None, 0))
for _ in range(3):
    grads = each({name: p.detach() for name, p in params.items()}, torch.randn(8, 3))
    for name, p in params.items():
        p.grad = grads[name].mean(0)
    opt.step()  # <- zero_gradient
