import torch


class SAM:
    """Wraps an optimizer; `climb` after the first backward, `descend` after the second."""

    def __init__(self, base, rho=0.05):
        self.base, self.rho, self.moved = base, rho, {}

    def parameters(self):
        return [p for group in self.base.param_groups for p in group["params"] if p.grad is not None]

    @torch.no_grad()
    def climb(self):
        norm = torch.stack([p.grad.norm() for p in self.parameters()]).norm()
        for p in self.parameters():
            self.moved[p] = p.grad * (self.rho / (norm + 1e-12))
            p.add_(self.moved[p])
        self.base.zero_grad()

    @torch.no_grad()
    def descend(self):
        for p, by in self.moved.items():
            p.sub_(by)
        self.moved.clear()
        self.base.step()
        self.base.zero_grad()
