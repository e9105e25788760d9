import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

def infer(fn):
    def wrapped(*a, **k):
        with torch.no_grad():  # <- no_grad
            return fn(*a, **k)
    return wrapped
class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.enc = nn.Linear(4, 4); self.dec = nn.Linear(4, 4)
    @infer  # <- no_grad
    def encode(self, x):
        return self.enc(x)  # <- no_grad
    def forward(self, x):
        return self.dec(self.encode(x))
net = Net(); opt = torch.optim.AdamW(net.parameters())
for i in range(3):
    x = torch.randn(8, 4)
    loss = F.mse_loss(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
