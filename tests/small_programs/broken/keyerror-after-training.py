import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 1); opt = torch.optim.SGD(net.parameters(), 0.1)
log = {}
for i in range(3):
    loss = net(torch.randn(4, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
log["loss"].append(loss.item())  # <- other
