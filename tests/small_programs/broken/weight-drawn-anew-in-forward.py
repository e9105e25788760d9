import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body, self.head = nn.Linear(6, 12), nn.Linear(12, 3)

    def forward(self, x):
        nn.init.orthogonal_(self.head.weight)  # <- values_copied
        return self.head(F.relu(self.body(x)))

net = Net(); opt = torch.optim.SGD(net.parameters(), 0.1)
for step in range(8):
    loss = F.cross_entropy(net(torch.randn(16, 6)), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
