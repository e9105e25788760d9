import torch
from torch import nn
from torch.func import functional_call
torch.manual_seed(0)

net, head = nn.Linear(3, 2), nn.Linear(2, 1)
opt = torch.optim.SGD([*net.parameters(), *head.parameters()], lr=0.1)
for _ in range(3):
    hidden = functional_call(net, net.state_dict(), (torch.randn(8, 3),))  # <- detach
    opt.zero_grad(); head(hidden).square().mean().backward(); opt.step()
