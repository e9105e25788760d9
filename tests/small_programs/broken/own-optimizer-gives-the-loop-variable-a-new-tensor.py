import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class SignSGD(torch.optim.Optimizer):
    def __init__(self, params, lr=0.01, momentum=0.9):
        super().__init__(params, {"lr": lr, "momentum": momentum})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for weight in group["params"]:
                if weight.grad is None:
                    continue
                moment = self.state[weight].setdefault("moment", torch.zeros_like(weight))
                moment.mul_(group["momentum"]).add_(weight.grad)
                weight = weight - group["lr"] * moment.sign()  # <- rebuilt_leaf

net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3)); opt = SignSGD(net.parameters())
for step in range(10):
    x = torch.randn(16, 4); y = torch.randint(0, 3, (16,))
    opt.zero_grad()
    F.cross_entropy(net(x), y).backward()
    opt.step()
