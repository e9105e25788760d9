import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 4); out = nn.Linear(4, 1)
opt = torch.optim.Adam([*net.parameters(), *out.parameters()])
for i in range(3):
    x = torch.randn(8, 4)
    m = net(x).relu().bool()  # <- integer_cast or nondifferentiable_op
    loss = out(x * m).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
