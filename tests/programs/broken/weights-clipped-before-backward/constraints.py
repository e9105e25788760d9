import functools

import torch


def clip(module, low, high, only):
    with torch.no_grad():
        for name, p in module.named_parameters():
            if name.startswith(only) and p.ndim > 1:
                p.clamp_(low, high)


def constrained(low, high, only):
    """Class decorator: keeps some weights of a module inside [low, high]."""

    def decorate(cls):
        forward = cls.forward

        @functools.wraps(forward)
        def wrapped(self, *args):
            out = forward(self, *args)
            if self.training:
                clip(self, low, high, only)
            return out

        cls.forward = wrapped
        return cls

    return decorate
