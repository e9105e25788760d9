import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Conv2d(3, 4, 3), nn.ReLU()).eval()
for p in net.parameters(): p.requires_grad_(False)
content = torch.rand(1, 3, 8, 8)
img = content.clone().requires_grad_(True)
opt = torch.optim.LBFGS([img], max_iter=3)
target = net(content).detach()
def closure():
    with torch.no_grad(): img.clamp_(0, 1)
    opt.zero_grad()
    loss = F.mse_loss(net(img), target * 1.1)
    loss.backward()
    return loss
for i in range(3): opt.step(closure)
