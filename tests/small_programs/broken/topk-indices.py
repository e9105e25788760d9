import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Router(nn.Module):
    def __init__(self):
        super().__init__()
        self.gate = nn.Linear(4, 3)
        self.experts = nn.ModuleList(nn.Linear(4, 4) for _ in range(3))
    def forward(self, x):
        chosen = self.gate(x).topk(1, dim=-1).indices  # <- nondifferentiable_op
        out = torch.zeros_like(x)
        for n, e in enumerate(self.experts):
            m = (chosen == n).any(-1)
            out[m] = e(x[m])
        return out
net = Router()
opt = torch.optim.Adam(net.parameters())
for i in range(6):
    x = torch.randn(32, 4)
    loss = F.mse_loss(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
