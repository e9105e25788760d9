from collections import deque

import torch


class Replay:
    """Keeps values, never graphs."""

    def __init__(self, size):
        self.items = deque(maxlen=size)

    def push(self, *tensors):
        self.items.append(tuple(t.detach().clone() for t in tensors))

    def sample(self, n):
        picked = torch.randint(0, len(self.items), (n,)).tolist()
        return (torch.cat(column) for column in zip(*(self.items[i] for i in picked)))


class Baseline:
    def __init__(self, momentum=0.9):
        self.value, self.momentum = None, momentum

    def __call__(self, reward):
        mean = reward.mean()
        self.value = mean if self.value is None else self.momentum * self.value + (1 - self.momentum) * mean
        return self.value
