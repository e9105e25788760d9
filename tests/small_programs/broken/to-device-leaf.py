import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

v = torch.randn(4, requires_grad=True).to(torch.float64)  # <- rebuilt_leaf
w = torch.randn(4, 4, dtype=torch.float64)
for i in range(3):
    loss = (w @ v).pow(2).sum()
    loss.backward()
    with torch.no_grad():
        v -= 0.1 * v.grad
