import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

net = nn.Linear(4, 2); head = nn.Linear(2, 1)
opt = torch.optim.SGD([*net.parameters(), *head.parameters()], 0.1)
for i in range(3):
    xs = torch.randn(8, 4)
    feats = np.stack([net(x).detach().numpy() for x in xs])  # <- numpy_roundtrip
    loss = head(torch.as_tensor(feats)).pow(2).mean()  # <- numpy_roundtrip
    opt.zero_grad(); loss.backward(); opt.step()
