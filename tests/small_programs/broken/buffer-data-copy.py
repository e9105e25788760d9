import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 4); self.head = nn.Linear(4, 1)
        self.proto = nn.Parameter(torch.zeros(8, 4))
    def forward(self, x):
        self.proto.data.copy_(self.enc(x))  # <- values_copied or data_attr
        return self.head(self.proto)
net = Net(); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
