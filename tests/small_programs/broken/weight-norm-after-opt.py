import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.ReLU(), nn.Linear(4, 3))
opt = torch.optim.Adam(net.parameters())  # <- optimizer_mismatch
import warnings; warnings.simplefilter("ignore")
for m in net:
    if isinstance(m, nn.Linear):
        nn.utils.weight_norm(m)  # <- optimizer_mismatch
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad(); loss.backward(); opt.step()
