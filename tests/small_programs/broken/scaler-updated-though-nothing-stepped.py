import torch
from torch import nn

torch.manual_seed(0)
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), lr=0.1)
scaler = torch.amp.GradScaler("cpu")
for step in range(6):
    scaler.scale(net(torch.randn(8, 4)).square().mean()).backward()
    if step % 2 == 1:
        scaler.step(opt)
        opt.zero_grad()
    scaler.update()  # <- other
