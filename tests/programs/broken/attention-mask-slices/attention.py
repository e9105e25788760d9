import torch
import torch.nn as nn


def drop_padding(weights, lengths):
    for row, length in enumerate(lengths.tolist()):
        weights[row, length:] = 0
    return weights / weights.sum(1, keepdim=True)


class Pooler(nn.Module):
    """A weighted mean over the words of each sentence."""

    def __init__(self, dim):
        super().__init__()
        self.score = nn.Sequential(nn.Linear(dim, dim), nn.Tanh(), nn.Linear(dim, 1))

    def forward(self, words, lengths):
        weights = torch.softmax(self.score(words).squeeze(-1), dim=1)
        weights = drop_padding(weights, lengths)
        return (weights.unsqueeze(-1) * words).sum(1)
