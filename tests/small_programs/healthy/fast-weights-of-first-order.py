# First-order MAML: the inner gradient is a constant, and what the fast weights learn is their start.
import torch
import torch.nn.functional as F
from torch import nn

torch.manual_seed(0)

weight = nn.Parameter(torch.randn(3))
opt = torch.optim.Adam([weight], lr=0.01)
for _ in range(4):
    x, y = torch.randn(8, 3), torch.randn(8)
    fast = weight.clone()
    (grad,) = torch.autograd.grad(F.mse_loss(x @ fast, y), [fast], create_graph=True)
    fast.data -= 0.1 * grad
    opt.zero_grad()
    F.mse_loss(x @ fast, y).backward()
    opt.step()
