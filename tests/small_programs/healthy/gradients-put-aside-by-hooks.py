import torch
from torch import nn

torch.manual_seed(0)


class Private:
    """Steps on the clipped gradients of several small batches, which hooks put beside `.grad`."""

    def __init__(self, inner, every):
        self.inner, self.every, self.calls = inner, every, 0
        self.held = [p for group in inner.param_groups for p in group["params"]]
        self.sums = [torch.zeros_like(p) for p in self.held]
        self.sample = [None] * len(self.held)
        for i, p in enumerate(self.held):
            p.register_hook(lambda grad, i=i: self.sample.__setitem__(i, grad.clone()))

    def zero_grad(self):
        self.inner.zero_grad()

    def step(self):
        self.calls += 1
        for kept, grad in zip(self.sums, self.sample):
            kept.add_(grad.clamp(-1, 1))
        if self.calls % self.every:
            return
        for p, kept in zip(self.held, self.sums):
            p.grad = kept / self.every
        self.inner.step()
        for kept in self.sums:
            kept.zero_()


model = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 1))
optimizer = Private(torch.optim.SGD(model.parameters(), lr=0.1), every=4)
for _ in range(48):
    x = torch.randn(16, 4)
    optimizer.zero_grad()
    loss = nn.functional.mse_loss(model(x), x.sum(1, keepdim=True))
    loss.backward()
    optimizer.step()
