"""Goes wrong inside torch; the first argument says how, one after the other, the second who prints it."""
import logging
import sys
import traceback

import torch
import torch.nn.functional as F
from torch import nn

how, who = sys.argv[1:3]
x = torch.randn(3, 4, requires_grad=True)


class Double(torch.autograd.Function):
    @staticmethod
    def forward(ctx, x):
        return x * 2

    @staticmethod
    def backward(ctx, grad):
        raise ValueError("in a backward of mine")


def linear():
    nn.Sequential(nn.ReLU(), nn.Linear(5, 2))(x)


def index():
    x[7] + 1


def reverse():
    return 3 - x @ torch.ones(3)


def backward():
    x.sum(1).backward()


def custom():
    torch.autograd.backward(Double.apply(x).sum())


def composite():
    try:
        F.cross_entropy(x, torch.zeros(7, dtype=torch.long))
    except ValueError as error:
        raise RuntimeError("because of the loss") from error


def optimizer():
    torch.optim.SGD([x * 2], lr=0.1)


def warning():
    torch.ones(2, 3, 4).T
    torch.ones(3).sum(dtype=torch.float16) if False else None
    (x * 2).grad


def main(how):
    globals()[how]()


for one in how.split(","):
    if who == "python":
        main(one)
        continue
    try:
        main(one)
    except Exception:
        if who == "traceback":
            traceback.print_exc()
        else:
            logging.basicConfig()
            logging.exception("caught", stack_info=True)
