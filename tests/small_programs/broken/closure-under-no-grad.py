import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class SAM(torch.optim.Optimizer):
    def __init__(self, params, base, rho=0.05, **kw):
        super().__init__(params, dict(rho=rho, **kw))
        self.base = base(self.param_groups, **kw)

    @torch.no_grad()  # <- no_grad
    def step(self, closure):
        norm = torch.norm(torch.stack([p.grad.norm() for g in self.param_groups for p in g["params"]]))
        for g in self.param_groups:
            for p in g["params"]:
                self.state[p]["old"] = p.data.clone()
                p.add_(p.grad * g["rho"] / (norm + 1e-12))
        self.zero_grad()
        closure()
        for g in self.param_groups:
            for p in g["params"]:
                p.data = self.state[p]["old"]
        self.base.step()
        self.zero_grad()


net = nn.Sequential(nn.Linear(6, 16), nn.ReLU(), nn.Linear(16, 3))
opt = SAM(net.parameters(), torch.optim.SGD, lr=0.05)
for step in range(3):
    x, y = torch.randn(16, 6), torch.randint(0, 3, (16,))

    def closure():
        loss = F.cross_entropy(net(x), y)
        loss.backward()
        return loss

    loss = F.cross_entropy(net(x), y)
    loss.backward()
    opt.step(closure)
    print(step, loss.item())
