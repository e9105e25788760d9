import torch, torch.nn as nn, torch.nn.functional as F
import numpy as np
torch.manual_seed(0)

enc = nn.Linear(4, 4); head = nn.Linear(4, 3)
opt = torch.optim.Adam([*enc.parameters(), *head.parameters()])
def smooth(a):
    return np.apply_along_axis(lambda r: np.convolve(r, np.ones(3) / 3, "same"), 1, a)
for i in range(3):
    x = torch.randn(8, 4); y = torch.randint(0, 3, (8,))
    h = enc(x)
    h = torch.from_numpy(smooth(h.data.numpy())).float()  # <- numpy_roundtrip
    loss = F.cross_entropy(head(h), y)
    opt.zero_grad(); loss.backward(); opt.step()
