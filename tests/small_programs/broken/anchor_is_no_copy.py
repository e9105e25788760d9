"""After each round a client remembers its model; of one part it keeps the very module, and freezes that."""

import copy

import torch
from torch import nn


class Client:
    def __init__(self):
        self.body, self.head = nn.Linear(4, 4), nn.Linear(4, 2)
        self.net = nn.ModuleDict({"body": self.body, "head": self.head})
        self.anchor = copy.deepcopy(self.net).requires_grad_(False)
        self.optimizer = torch.optim.SGD(self.net.parameters(), lr=0.1)

    def remember(self):
        self.anchor["body"] = self.net["body"]  # <- frozen_leaf
        self.anchor["head"] = copy.deepcopy(self.net["head"])
        for parameter in self.anchor.parameters():
            parameter.requires_grad = False  # <- frozen_leaf

    def train(self, steps):
        for _ in range(steps):
            x, y = torch.randn(5, 4), torch.randint(0, 2, (5,))
            out = self.net["head"](torch.tanh(self.net["body"](x)))
            before = self.anchor["head"](torch.tanh(self.anchor["body"](x)))
            loss = nn.functional.cross_entropy(out, y) + 0.1 * (out - before).square().mean()
            self.optimizer.zero_grad()
            loss.backward()
            self.optimizer.step()
        self.remember()


torch.manual_seed(0)
client = Client()
for _ in range(3):
    client.train(3)
