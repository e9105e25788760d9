import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Master(torch.optim.Optimizer):
    """Steps on copies in float32, and writes what bfloat16 makes of them."""
    def __init__(self, params, lr=3e-5):
        super().__init__(params, {"lr": lr})

    @torch.no_grad()
    def step(self):
        for group in self.param_groups:
            for p in group["params"]:
                fine = self.state[p].setdefault("fine", p.detach().float())
                fine.sub_(group["lr"] * p.grad.float().sign())
                p.copy_(fine)

net = nn.Sequential(nn.Linear(8, 16), nn.LayerNorm(16), nn.GELU(), nn.Linear(16, 3)).bfloat16()
opt = Master(net.parameters())
x = torch.randn(64, 8).bfloat16(); y = torch.randint(0, 3, (64,))
for step in range(24):
    loss = F.cross_entropy(net(x).float(), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
