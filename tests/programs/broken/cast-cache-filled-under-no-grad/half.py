import contextlib

import torch
import torch.nn as nn
import torch.nn.functional as F

_casts = {}


@contextlib.contextmanager
def step_cache():
    """Cast every weight once in the block, however often it is used."""
    try:
        yield
    finally:
        _casts.clear()


def half(weight):
    if id(weight) not in _casts:
        _casts[id(weight)] = weight.to(torch.bfloat16)
    return _casts[id(weight)]


class HalfLinear(nn.Linear):
    def forward(self, x):
        return F.linear(x.to(torch.bfloat16), half(self.weight), half(self.bias)).float()
