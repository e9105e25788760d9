import torch
from torch import nn

torch.manual_seed(0)
net, scale, shift = nn.Linear(3, 1), nn.Parameter(torch.ones(3)), nn.Parameter(torch.zeros(3))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
for _ in range(4):
    loss = (net(torch.randn(4, 3) * scale + shift) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
    scale.data = scale.data - 0.1 * scale.grad
    with torch.no_grad():
        shift.copy_(shift - 0.1 * shift.grad.sign())
    scale.grad = shift.grad = None
