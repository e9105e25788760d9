"""After each epoch the best model so far goes on; the optimizer goes on with the one that it was built for."""
import copy

import torch
from torch import nn

torch.manual_seed(0)


class Trainer:
    def __init__(self, model):
        self.model, self.best, self.kept = model, float("inf"), None
        self.optimizer = torch.optim.SGD(self.model.parameters(), lr=0.1)  # <- optimizer_mismatch

    def epoch(self):
        for _ in range(3):
            x = torch.randn(6, 4)
            loss = (self.model(x) - x[:, :1]).square().mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        if loss.item() < self.best:
            self.best, self.kept = loss.item(), copy.deepcopy(self.model)
        self.model = copy.deepcopy(self.kept)


trainer = Trainer(nn.Sequential(nn.Linear(4, 6), nn.Tanh(), nn.Linear(6, 1)))
for _ in range(4):
    trainer.epoch()
