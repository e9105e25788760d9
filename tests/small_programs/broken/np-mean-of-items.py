import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
losses = [F.cross_entropy(net(a[None]), b[None]).item() for a, b in zip(x, y)]  # <- python_scalar or numpy_roundtrip
loss = np.mean(losses)  # <- python_scalar or numpy_roundtrip
loss.backward()
