import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.a, self.b = nn.Linear(8, 8), nn.Linear(8, 1)
    def forward(self, x):
        h = torch.tanh(self.a(x))
        h.register_hook(lambda g: g * 0)
        return self.b(h)
net = Net()
opt = torch.optim.Adam(net.parameters())

for step in range(10):
    x, y = torch.randn(16, 8), torch.randn(16, 1)
    loss = F.mse_loss(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
