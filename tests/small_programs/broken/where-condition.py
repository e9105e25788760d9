import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Gate(nn.Module):
    def __init__(self):
        super().__init__()
        self.score = nn.Linear(4, 4)
        self.body = nn.Linear(4, 4)
    def forward(self, x):
        keep = self.score(x) > 0  # <- nondifferentiable_op or zero_gradient
        return torch.where(keep, self.body(x), x)
net = Gate()
opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4)
    loss = F.mse_loss(net(x), x * 2)
    opt.zero_grad(); loss.backward(); opt.step()
