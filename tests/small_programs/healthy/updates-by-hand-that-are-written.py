import torch, torch.nn as nn
torch.manual_seed(0)

class Descent(torch.optim.Optimizer):
    def __init__(self, params, lr):
        super().__init__(params, {"lr": lr})

    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                if p.grad is not None:
                    value = p.data - group["lr"] * p.grad
                    p.data = value

net, head = nn.Linear(4, 8), nn.Linear(8, 1)
opt = Descent(net.parameters(), lr=0.05)
x = torch.randn(32, 4); y = x.sum(1, keepdim=True)
for step in range(10):
    loss = (head(torch.tanh(net(x))) - y).square().mean()
    opt.zero_grad(); head.zero_grad()
    loss.backward()
    opt.step()
    state = head.state_dict()
    with torch.no_grad():
        for name, p in head.named_parameters():
            state[name] = p - 0.05 * p.grad
    head.load_state_dict(state)
