"""An average that begins with the weights themselves, and is made of other tensors from the first step on."""
import torch
from torch import nn
torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.BatchNorm1d(16), nn.ReLU(), nn.Linear(16, 3))
opt = torch.optim.AdamW(net.parameters(), lr=1e-2)
ema = {k: v for k, v in net.state_dict().items()}
x, y = torch.randn(64, 8), torch.randint(3, (64,))
for step in range(8):
    loss = nn.functional.cross_entropy(net(x), y)
    reg = sum(((p - ema[n]) ** 2).sum() for n, p in net.named_parameters())
    (loss + 0.1 * reg).backward()
    opt.step(); opt.zero_grad()
    for k, v in net.state_dict().items():
        if v.dtype.is_floating_point: ema[k] = 0.9 * ema[k] + 0.1 * v
