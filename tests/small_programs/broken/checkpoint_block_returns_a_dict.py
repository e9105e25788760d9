import torch
from torch import nn
from torch.utils.checkpoint import checkpoint
torch.manual_seed(0)
class B(nn.Module):
    def __init__(self):
        super().__init__(); self.l=nn.Linear(4,4); self.halt=nn.Linear(4,1)
    def forward(self,h):
        return h+self.l(h).tanh(), {"halt": torch.sigmoid(self.halt(h))}
b=B(); e=nn.Linear(4,4)
opt=torch.optim.SGD([*b.parameters(),*e.parameters()],lr=.1)
for i in range(3):
    h, info = checkpoint(b, e(torch.randn(3, 4)), use_reentrant=True)  # <- checkpoint
    loss=h.pow(2).mean()+info["halt"].mean()
    opt.zero_grad(); loss.backward(); opt.step()
