import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

w = torch.randn(4, requires_grad=True)
for i in range(3):
    loss = (w * 2 - 1).pow(2).sum()
    loss.backward()
    w -= 0.1 * w.grad  # <- leaf_inplace
