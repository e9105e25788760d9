import torch
import torch.nn as nn


class Head(nn.Module):
    def __init__(self, width, classes):
        super().__init__()
        self.out = nn.Linear(width, classes)

    def activation(self, logits):
        raise NotImplementedError

    def forward(self, h):
        return self.activation(self.out(h))


class SoftmaxHead(Head):
    def activation(self, logits):
        return torch.softmax(logits, dim=1)


class SigmoidHead(Head):
    def activation(self, logits):
        return torch.sigmoid(logits)


HEADS = {"softmax": SoftmaxHead, "sigmoid": SigmoidHead}
