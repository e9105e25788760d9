import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.body = nn.Sequential(nn.Linear(4, 4), nn.ReLU()); self.head = nn.Linear(4, 3)
net = Net()
for name, p in net.named_parameters():
    p.requires_grad = "fc" in name  # <- frozen_leaf
opt = torch.optim.Adam(net.parameters())
for i in range(2):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net.head(net.body(x)), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
