import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Mask(nn.Module):
    def __init__(self):
        super().__init__()
        self.a = nn.Linear(4, 4); self.b = nn.Linear(4, 3)
        self.a.register_full_backward_hook(self.stop)  # <- zero_gradient
    def stop(self, module, gin, gout):
        return tuple(None if g is None else torch.zeros_like(g) for g in gin)  # <- zero_gradient
    def forward(self, x):
        return self.b(self.a(self.emb(x)).relu())
net = Mask(); net.emb = nn.Linear(4, 4)
opt = torch.optim.Adam(net.parameters())
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
