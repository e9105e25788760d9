import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 4)
opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(3):
    x = torch.zeros(8, 4)
    h = net(x) - net.bias
    n = h / h.norm(dim=-1, keepdim=True)  # <- nan_gradient
    loss = n.nansum() + net(torch.ones(1, 4)).sum()
    opt.zero_grad(); loss.backward(); opt.step()
