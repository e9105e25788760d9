from collections import OrderedDict

import torch.nn as nn


def build(width):
    encoder = nn.Sequential(nn.Linear(10, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
    return nn.Sequential(OrderedDict(encoder=encoder, head=nn.Linear(width, 3)))


class Stages:
    """First the head alone, then everything."""

    def __init__(self, model, warmup):
        self.model, self.warmup = model, warmup
        self.name = "warm-up"
        for p in model.encoder.parameters():
            p.requires_grad = False

    def enter(self, epoch):
        if epoch == self.warmup:
            self.name = "everything"
            self.model.encoder.requires_grad = True
