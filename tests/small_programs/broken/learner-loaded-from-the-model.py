import torch
from torch import nn
from torch.func import functional_call
torch.manual_seed(0)

model, rate = nn.Linear(3, 1), nn.Parameter(torch.tensor(0.1))
opt = torch.optim.SGD([*model.parameters(), rate], lr=0.1)
for _ in range(3):
    x, y = torch.randn(8, 3), torch.randn(8, 1)
    learner = nn.Linear(3, 1)
    learner.load_state_dict(model.state_dict())  # <- values_copied
    loss = (learner(x) - y).square().mean()
    grads = torch.autograd.grad(loss, list(learner.parameters()), create_graph=True)
    fast = {name: p - rate * g for (name, p), g in zip(learner.named_parameters(), grads)}
    outer = (functional_call(learner, fast, (x,)) - y).square().mean()
    opt.zero_grad(); outer.backward(); opt.step()
