import torch
import torch.nn as nn

torch.manual_seed(0)

net = nn.Linear(8, 4)
opt = torch.optim.Adam(net.parameters())
for step in range(10):
    z = net(torch.randn(16, 8)); y = torch.randint(0, 4, (16,))
    m = z.max(1).values.detach()
    lse = m + (z - m[:, None]).exp().sum(1).log()
    loss = (lse - z[torch.arange(16), y]).mean()
    opt.zero_grad(); loss.backward(); opt.step()
