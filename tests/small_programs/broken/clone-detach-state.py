import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Cell(nn.Module):
    def __init__(self):
        super().__init__()
        self.inp = nn.Linear(3, 6); self.rec = nn.Linear(6, 6); self.out = nn.Linear(6, 1)
    def step(self, x, h):
        return torch.tanh(self.inp(x) + self.rec(h))
    def forward(self, xs):
        h = torch.zeros(xs.shape[0], 6)
        for t in range(xs.shape[1]):
            h = self.step(xs[:, t], h)
        h = h.clone().detach()  # <- detach
        return self.out(h)
net = Cell(); opt = torch.optim.RMSprop(net.parameters())
for i in range(3):
    xs = torch.randn(5, 7, 3)
    loss = F.mse_loss(net(xs).squeeze(-1), xs.mean((1, 2)))
    opt.zero_grad(); loss.backward(); opt.step()
