import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 2)
opt = torch.optim.SGD(net.parameters(), 0.1)
import warnings; warnings.simplefilter("ignore")
for i in range(3):
    x = torch.randn(8, 4)
    out = torch.tensor(net(x), requires_grad=True)  # <- tensor_ctor
    loss = F.cross_entropy(out, torch.randint(0, 2, (8,)))
    opt.zero_grad(); loss.backward(); opt.step()
