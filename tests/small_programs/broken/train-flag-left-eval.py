import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 4); self.head = nn.Linear(4, 3)
    def forward(self, x):
        with torch.set_grad_enabled(self.training):  # <- grad_mode_off
            h = self.enc(x).relu()  # <- no_grad or grad_mode_off
        return self.head(h)
net = Net(); opt = torch.optim.Adam(net.parameters())
net.eval()  # <- no_grad or grad_mode_off
for i in range(4):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
