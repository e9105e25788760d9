import torch
from torch import nn


class Learner:
    def __init__(self):
        self.network = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
        self.optimizer = torch.optim.Adam([one for one in self.network.parameters()], lr=0.01)

    def begin(self, task):
        if task:
            self.optimizer.param_groups[0]["params"] = self.network.parameters()  # <- optimizer_mismatch

    def train(self, task):
        self.begin(task)
        for _ in range(4):
            inputs = torch.randn(6, 4)
            loss = nn.functional.cross_entropy(self.network(inputs), torch.arange(6) % 2)
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()


torch.manual_seed(0)
learner = Learner()
for task in range(3):
    learner.train(task)
