import functools

import numpy as np
import torch


def without_grad(function):
    """Switches grad mode off for the call and puts back what it found."""

    @functools.wraps(function)
    def wrapper(*args, **kwargs):
        before = torch.is_grad_enabled()
        torch.set_grad_enabled(False)
        try:
            return function(*args, **kwargs)
        finally:
            torch.set_grad_enabled(before)

    return wrapper


@without_grad
def confusion(model, batches, classes):
    model.eval()
    table = np.zeros((classes, classes), dtype=int)
    for x, y in batches:
        if len(x) == 0:
            raise ValueError("an empty batch")  # grad mode is restored all the same
        pred = model(x).argmax(1)
        np.add.at(table, (y.numpy(), pred.numpy()), 1)
    model.train()
    return table


@torch.inference_mode()
def embed(model, x):
    return model.features(x).cpu().numpy()


def f1(table):
    hit = np.diag(table)
    return (2 * hit / np.maximum(table.sum(0) + table.sum(1), 1)).mean()
