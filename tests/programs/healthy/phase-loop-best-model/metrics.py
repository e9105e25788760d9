import torch


class Running:
    """Mean of a tensor over batches, kept as a tensor."""

    def __init__(self):
        self.total, self.count = torch.zeros(()), 0

    def add(self, value, n):
        self.total += value.detach() * n
        self.count += n

    @property
    def mean(self):
        return (self.total / max(self.count, 1)).item()


class EarlyStopping:
    def __init__(self, patience):
        self.patience, self.best, self.bad, self.state = patience, float("inf"), 0, None

    def update(self, loss, state):
        if loss < self.best:
            self.best, self.bad, self.state = loss, 0, state
        else:
            self.bad += 1
        return self.bad >= self.patience
