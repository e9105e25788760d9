import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4)
        self.extra = nn.Linear(4, 4)  # <- unused_parameter
        self.b = nn.Linear(4, 1)
    def forward(self, x, deep=False):
        h = self.a(x).relu()
        if deep:
            h = self.extra(h)
        return self.b(h)
net = Net(); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
