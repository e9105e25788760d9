import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3)); opt = torch.optim.SGD(net.parameters(), 0.1)
for i in range(4):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward(inputs=list(net[2].parameters()))  # <- other or unused_parameter or optimizer_mismatch
    opt.step()
