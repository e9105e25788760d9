import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.branches = tuple(nn.Linear(4, 4) for _ in range(3))  # <- unregistered_parameter
        self.head = nn.Linear(12, 1)
    def forward(self, x):
        return self.head(torch.cat([b(x) for b in self.branches], -1))
net = Net(); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
