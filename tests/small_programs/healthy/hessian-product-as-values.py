# How curved the loss is along its gradient sets the size of the step, and is differentiated no further.
import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
opt = torch.optim.SGD(net.parameters(), lr=0.1)
x, y = torch.randn(32, 4), torch.randn(32, 1)
for _ in range(3):
    loss = (net(x) - y).pow(2).mean()
    parameters = list(net.parameters())
    first = torch.autograd.grad(loss, parameters, create_graph=True)
    along = sum((one * one.detach()).sum() for one in first)
    second = torch.autograd.grad(along, parameters, retain_graph=True)
    length = sum((one * one).sum() for one in first).item()
    curved = sum((one * other).sum() for one, other in zip(first, second)).item()
    opt.param_groups[0]["lr"] = min(0.1, length / abs(curved))
    opt.zero_grad()
    loss.backward()
    opt.step()
