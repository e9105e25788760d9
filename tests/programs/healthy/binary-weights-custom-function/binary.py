import torch
import torch.nn as nn
import torch.nn.functional as F


class Sign(torch.autograd.Function):
    """Straight-through sign: the gradient passes where |x| <= limit."""

    @staticmethod
    def forward(ctx, x, limit, keep_scale):
        ctx.save_for_backward(x)
        ctx.limit = limit
        scale = x.abs().mean() if keep_scale else 1.0
        return torch.where(x >= 0, scale, -scale)

    @staticmethod
    def backward(ctx, grad):
        (x,) = ctx.saved_tensors
        return grad * (x.abs() <= ctx.limit), None, None


class BinaryLinear(nn.Linear):
    def __init__(self, d_in, d_out, binary_input=True):
        super().__init__(d_in, d_out, bias=False)
        self.binary_input = binary_input
        self.norm = nn.BatchNorm1d(d_out)

    def forward(self, x):
        if self.binary_input:
            x = Sign.apply(x, 1.0, False)
        return self.norm(F.linear(x, Sign.apply(self.weight, 1.0, True)))


@torch.no_grad()
def clip_weights(model):
    for layer in model.modules():
        if isinstance(layer, BinaryLinear):
            layer.weight.clamp_(-1, 1)
