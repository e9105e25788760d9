import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class AE(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 2); self.dec = nn.Linear(2, 4)
    def forward(self, x):
        self.dec.weight = nn.Parameter(self.enc.weight.t())  # <- rebuilt_leaf or unused_parameter or optimizer_mismatch or values_copied
        return self.dec(self.enc(x).relu())
net = AE(); opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4)
    loss = F.mse_loss(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
