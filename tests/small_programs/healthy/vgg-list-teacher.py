import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Loss(nn.Module):
    def __init__(self, vgg):
        super().__init__()
        self.vgg = [vgg.eval()]
    def forward(self, a, b):
        return F.l1_loss(self.vgg[0](a), self.vgg[0](b).detach())
vgg = nn.Sequential(nn.Linear(4, 8), nn.ReLU()); net = nn.Linear(4, 4)
crit = Loss(vgg); opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4)
    loss = crit(net(x), x)
    opt.zero_grad(); loss.backward(); opt.step()
