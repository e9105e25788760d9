import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

import copy
net = nn.Linear(4, 1)
opt = torch.optim.SGD(net.parameters(), 0.1)  # <- rebuilt_leaf or optimizer_mismatch
shadow = copy.deepcopy(net)  # <- rebuilt_leaf or optimizer_mismatch
for i in range(3):
    loss = shadow(torch.randn(4, 4)).pow(2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
