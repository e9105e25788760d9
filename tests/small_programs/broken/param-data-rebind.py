import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.scale = torch.ones(4, requires_grad=True) * 0.5  # <- rebuilt_leaf
        self.fc = nn.Linear(4, 1)
    def forward(self, x):
        return self.fc(x * self.scale)
net = Net(); opt = torch.optim.SGD([*net.parameters(), net.scale], 0.1)  # <- rebuilt_leaf
x = torch.randn(8, 4)
net(x).sum().backward()
