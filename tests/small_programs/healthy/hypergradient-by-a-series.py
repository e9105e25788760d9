"""Hyperparameters by implicit gradients: a Neumann series of Hessian-vector products, then one backward."""
import torch
from torch import nn

torch.manual_seed(0)

model = nn.Linear(8, 1)
log_reg = nn.Parameter(torch.zeros(8))
inner = torch.optim.SGD(model.parameters(), lr=0.05)
outer = torch.optim.Adam([log_reg], lr=0.05)
x, xv = torch.randn(64, 8), torch.randn(64, 8)
w = torch.randn(8, 1)
y, yv = x @ w + 0.3 * torch.randn(64, 1), xv @ w

def train_loss():
    fit = nn.functional.mse_loss(model(x), y)
    return fit + (log_reg.exp() * model.weight[0] ** 2).mean()

def flat(tensors):
    return torch.cat([one.reshape(-1) for one in tensors])

params = list(model.parameters())
for step in range(4):
    for _ in range(3):
        inner.zero_grad()
        train_loss().backward()
        inner.step()
    v = flat(torch.autograd.grad(nn.functional.mse_loss(model(xv), yv), params))
    g = flat(torch.autograd.grad(train_loss(), params, create_graph=True))
    p = v.clone()
    for _ in range(5):
        v = v - 0.05 * flat(torch.autograd.grad(g, params, grad_outputs=v, retain_graph=True))
        p = p + v
    outer.zero_grad()
    (-0.05 * torch.dot(g, p)).backward()
    outer.step()
