import torch


class Momentum:
    def __init__(self, params, lr, beta=0.9):
        self.params, self.lr, self.beta = list(params), lr, beta
        self.velocity = [torch.zeros_like(p.data) for p in self.params]

    def zero_grad(self):
        for p in self.params:
            p.grad = None

    def step(self):
        for p, v in zip(self.params, self.velocity):
            if p.grad is None:
                continue
            v.mul_(self.beta).add_(p.grad.data)
            p.data.add_(v, alpha=-self.lr)


def limit_norm(module, largest=3.0):
    """Max-norm constraint, row by row."""
    for layer in module.modules():
        if isinstance(layer, torch.nn.Linear):
            norm = layer.weight.data.norm(dim=1, keepdim=True)
            layer.weight.data = layer.weight.data * (largest / norm.clamp(min=largest))
