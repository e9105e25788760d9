"""The last group of parameters is filled and not handed on, and the model is in eval mode when the run ends."""

import torch
from torch import nn


class Tagger(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(4, 8), nn.ReLU())
        self.crf = nn.Sequential(nn.Linear(8, 3))

    def forward(self, x):
        return self.crf(self.encoder(x))


class Trainer:
    def __init__(self, model):
        self.model = model
        groups = []
        for prefix, lr in (("encoder", 0.1), ("crf", 0.2)):
            group = {"lr": lr, "params": [p for n, p in model.named_parameters() if n.startswith(prefix)]}
            if not groups:
                groups.append(group)
        self.optimizer = torch.optim.SGD(groups, lr=0.1)  # <- optimizer_mismatch

    def fit(self):
        for _ in range(2):
            self.model.train()
            for _ in range(3):
                self.optimizer.zero_grad()
                self.model(torch.randn(5, 4)).square().mean().backward()
                self.optimizer.step()
            self.model.eval()
            with torch.no_grad():
                self.model(torch.randn(5, 4))


torch.manual_seed(0)
model = Tagger()
Trainer(model).fit()
