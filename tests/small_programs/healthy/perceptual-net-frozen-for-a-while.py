# A net that was learnt before judges pictures; it is frozen for a while, time and again, and never trained.
import contextlib, io
import torch
from torch import nn
torch.manual_seed(0)
def features():
    return nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 4, 3, padding=1))
buf = io.BytesIO(); torch.save(features().state_dict(), buf); buf.seek(0)
vgg = features(); vgg.load_state_dict(torch.load(buf))
@contextlib.contextmanager
def frozen(net):
    for p in net.parameters(): p.requires_grad_(False)
    try: yield
    finally:
        for p in net.parameters(): p.requires_grad_(True)
net = nn.Sequential(nn.Conv2d(1, 4, 3, padding=1), nn.ReLU(), nn.Conv2d(4, 1, 3, padding=1))
opt = torch.optim.Adam(net.parameters(), lr=1e-3)
for _ in range(5):
    x = torch.rand(2, 1, 8, 8)
    with frozen(vgg):
        target = vgg(x)
    y = net(x)
    loss = (vgg(y) - target).pow(2).mean() + (y - x).abs().mean()
    opt.zero_grad(); loss.backward(); opt.step()
print(all(p.grad is not None for p in net.parameters()), 0)
