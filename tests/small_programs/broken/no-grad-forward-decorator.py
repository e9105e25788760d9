import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 3)
    @torch.no_grad()  # <- no_grad
    def forward(self, x):
        return self.a(x)  # <- no_grad
net = Net(); opt = torch.optim.Adam(net.parameters())
x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
loss = F.cross_entropy(net(x), y)
opt.zero_grad()
loss.backward()
