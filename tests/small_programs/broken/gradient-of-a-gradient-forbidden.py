"""The gradient of a function of one's own is part of the loss, and its backward can't be differentiated."""
import torch
from torch import nn
from torch.autograd.function import once_differentiable


class Soft(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        ctx.save_for_backward(x)
        return torch.log1p(x.exp())

    @staticmethod
    @once_differentiable  # <- custom_function
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * torch.sigmoid(x)


torch.manual_seed(0)
net = nn.ModuleList([nn.Linear(3, 8), nn.Linear(8, 8)])
optimizer = torch.optim.Adam(net.parameters())
for _ in range(3):
    x = torch.randn(16, 3, requires_grad=True)
    energy = Soft.apply(net[1](Soft.apply(net[0](x)))).sum()
    (force,) = torch.autograd.grad(energy, x, create_graph=True)
    loss = (force + x).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
