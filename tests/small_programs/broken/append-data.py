import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
for i in range(3):
    parts = []
    for k in range(2):
        x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
        l = F.cross_entropy(net(x), y)
        parts.append(l.data)  # <- data_attr
    loss = sum(parts) / len(parts) + net.bias.pow(2).sum() * 0.01
    opt.zero_grad(); loss.backward(); opt.step()
