import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
for i in range(4):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    with torch.no_grad():
        opt.zero_grad(); loss.backward(); opt.step()
