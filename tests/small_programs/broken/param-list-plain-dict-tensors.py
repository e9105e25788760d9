import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Film(nn.Module):
    def __init__(self, n):
        super().__init__()
        self.fc = nn.Linear(4, 4); self.head = nn.Linear(4, 3)
        self.gain = {k: nn.Parameter(torch.ones(4)) for k in range(n)}  # <- unregistered_parameter
    def forward(self, x, k):
        return self.head(self.fc(x) * self.gain[k])
net = Film(2); opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x, i % 2), y)
    opt.zero_grad(); loss.backward(); opt.step()
