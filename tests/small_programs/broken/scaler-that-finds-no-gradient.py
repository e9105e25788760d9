import torch
from torch import nn


def placed(module):
    for child in module.children():
        for name, p in list(child.named_parameters()):
            setattr(child, name, nn.Parameter(p.detach().clone()))
    return module


torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)  # <- optimizer_mismatch
net, scaler = placed(net), torch.amp.GradScaler("cpu")
for _ in range(3):
    opt.zero_grad()
    scaler.scale(net(torch.randn(8, 4)).square().mean()).backward()
    scaler.step(opt)
    scaler.update()
