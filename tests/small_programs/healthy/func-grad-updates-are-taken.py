import torch
from torch import nn
from torch.func import functional_call, grad, grad_and_value

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 16), nn.Tanh(), nn.Linear(16, 1))
params = {name: one.detach() for name, one in net.named_parameters()}
held = dict(net.named_parameters())


def compute(params, x, y):
    return (functional_call(net, params, (x,)) - y).pow(2).mean()


for step in range(10):
    x = torch.randn(8, 4)
    grads, loss = grad_and_value(compute)(params, x, x.sum(1, keepdim=True))
    params = {name: one - 0.1 * grads[name] for name, one in params.items()}

# one step of an inner loop, from where the model stands, for each of the tasks; then the model's own
for task in range(10):
    x = torch.randn(8, 4)
    fast = held
    for inner in range(2):
        grads = grad(compute)(fast, x, x.sum(1, keepdim=True))
        fast = {name: one - 0.1 * grads[name] for name, one in fast.items()}
    print(compute(fast, x, x.sum(1, keepdim=True)).item())
    with torch.no_grad():
        for name, one in held.items():
            one += 0.05 * (fast[name] - one)

# what one step would do is measured, and kept apart
moves = []
for probe in range(10):
    x = torch.randn(8, 4)
    grads = grad(compute)(held, x, x.sum(1, keepdim=True))
    ahead = {name: one - 0.1 * grads[name] for name, one in held.items()}
    moves.append(sum(float((ahead[name] - one).norm()) for name, one in held.items()))
