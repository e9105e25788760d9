import contextlib

import torch


class Schedule:
    def __init__(self, steps):
        beta = torch.linspace(1e-3, 0.2, steps)
        self.steps, self.beta = steps, beta
        self.keep = (1 - beta).cumprod(0)

    def noisy(self, x, t, noise):
        keep = self.keep[t][:, None]
        return keep.sqrt() * x + (1 - keep).sqrt() * noise

    @torch.no_grad()
    def sample(self, model, n):
        x = torch.randn(n, 2)
        for i in reversed(range(self.steps)):
            t = torch.full((n,), i)
            eps = model(x, t)
            x = (x - self.beta[i] / (1 - self.keep[i]).sqrt() * eps) / (1 - self.beta[i]).sqrt()
            if i:
                x += self.beta[i].sqrt() * torch.randn_like(x)
        return x


class EMA:
    def __init__(self, model, decay):
        self.decay = decay
        self.shadow = {k: v.detach().clone() for k, v in model.named_parameters()}

    @torch.no_grad()
    def update(self, model):
        for k, v in model.named_parameters():
            self.shadow[k].sub_((1 - self.decay) * (self.shadow[k] - v))

    @contextlib.contextmanager
    def applied(self, model):
        """The averaged weights are in the model inside the block."""
        kept = {k: v.detach().clone() for k, v in model.named_parameters()}
        model.load_state_dict(self.shadow)
        try:
            yield model
        finally:
            model.load_state_dict(kept)
