import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4); self.b = nn.Linear(4, 3)
        self.register_buffer("mask", torch.zeros(4))
    def forward(self, x):
        h = self.a(x) * self.mask  # <- zero_gradient
        return self.b(h)
net = Net(); opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(4):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
