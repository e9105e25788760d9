import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.fc = nn.Linear(4, 3)
        self.temperature = torch.ones(1, requires_grad=True)  # <- unregistered_parameter
    def forward(self, x):
        return self.fc(x) / self.temperature
net = Net(); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = F.cross_entropy(net(x), torch.randint(0, 3, (8,)))
    opt.zero_grad(); loss.backward(); opt.step()
