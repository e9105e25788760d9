import torch
import torch.nn as nn
import torch.nn.functional as F


class Retriever(nn.Module):
    def __init__(self, features, dim, classes):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(features, 2 * dim), nn.ReLU(), nn.Linear(2 * dim, dim))
        self.classifier = nn.Linear(dim, classes, bias=False)
        self.log_scale = nn.Parameter(torch.tensor(1.0))

    def encode(self, x):
        return F.normalize(self.encoder(x), dim=-1)

    @torch.no_grad()
    def features(self, x):
        return self.encode(x)

    def logits(self, x):
        return self.classifier(self.features(x)) * self.log_scale.exp()
