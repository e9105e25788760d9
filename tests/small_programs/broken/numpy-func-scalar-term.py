import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

net = nn.Linear(4, 3); opt = torch.optim.Adam(net.parameters())
def spread(z):
    z = z.detach().cpu().numpy()  # <- numpy_roundtrip or python_scalar
    return float(np.var(z))
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    out = net(x)
    loss = F.cross_entropy(out, y) + 0.1 * spread(out)
    opt.zero_grad(); loss.backward(); opt.step()
