import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Sym(nn.Module):
    def forward(self, w): return w.triu() + w.triu(1).T
net = nn.Linear(4, 4); opt = torch.optim.Adam(net.parameters())
nn.utils.parametrize.register_parametrization(net, "weight", Sym())
for i in range(4):
    x = torch.randn(8, 4)
    loss = net(x).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
