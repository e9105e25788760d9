"""A leaf of a plain object is limited now and then: the object gets a new tensor, the optimizer doesn't."""

import torch


def limited(x, most):
    return torch.logit(torch.clamp(x, max=most))


class Points:
    def __init__(self, count):
        self._place = torch.rand(count, 2).requires_grad_()
        self._opacity = torch.zeros(count, 1).requires_grad_()

    @property
    def opacity(self):
        return torch.sigmoid(self._opacity)

    @torch.no_grad()
    def reset(self, most=0.3):
        self._opacity = limited(self.opacity, most)  # <- rebuilt_leaf


torch.manual_seed(0)
points = Points(7)
optimizer = torch.optim.Adam([points._place, points._opacity], lr=0.01)
for number in range(6):
    loss = (points._place.square() * points.opacity).mean() + (points.opacity - 0.9).square().mean()
    loss.backward()
    optimizer.step()
    optimizer.zero_grad()
    if number == 2:
        points.reset()
