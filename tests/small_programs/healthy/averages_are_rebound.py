"""A plain object keeps averages of what learns, computed under no_grad and bound to the same attribute."""

import torch


class Tracker:
    def __init__(self, weight):
        self.weight = weight
        self.average = weight.detach().clone()
        self.scale = torch.ones(1).requires_grad_()

    @torch.no_grad()
    def update(self):
        self.average = torch.lerp(self.average, self.weight, 0.1)

    @torch.no_grad()
    def rescale(self):
        self.scale = (self.scale * 0.9).requires_grad_()
        return self.scale


torch.manual_seed(0)
weight = torch.randn(4, 3).requires_grad_()
tracker = Tracker(weight)
optimizer = torch.optim.SGD([weight, tracker.scale], lr=0.1)
for number in range(5):
    out = torch.randn(6, 4) @ weight * tracker.scale
    loss = (out - torch.randn(6, 4) @ tracker.average).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    tracker.update()
    if number == 2:
        optimizer = torch.optim.SGD([weight, tracker.rescale()], lr=0.1)
