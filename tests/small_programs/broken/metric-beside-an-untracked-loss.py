import torch
from torch import nn
torch.manual_seed(0)
body=nn.Linear(4,8); head=nn.Linear(8,1); other=nn.Linear(4,1)
opt=torch.optim.Adam([*body.parameters(),*head.parameters(),*other.parameters()],1e-3)
for i in range(5):
    x=torch.randn(8,4)
    with torch.no_grad():
        out=head(body(x))  # <- no_grad
    loss=(out-1).square().mean()+other(x).square().mean()
    seen=head(body(x)).mean().item()
    opt.zero_grad(); loss.backward(); opt.step()
