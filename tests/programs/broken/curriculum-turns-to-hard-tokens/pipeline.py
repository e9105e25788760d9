import torch.nn as nn


class PlannerWriter(nn.Module):
    """One network writes a plan in tokens, the other writes the text from it."""

    def __init__(self, vocab, dim):
        super().__init__()
        self.planner = nn.Sequential(nn.Embedding(vocab, dim), nn.Linear(dim, dim), nn.ReLU(), nn.Linear(dim, vocab))
        self.words = nn.Embedding(vocab, dim)
        self.writer = nn.Sequential(nn.Linear(dim, 2 * dim), nn.ReLU(), nn.Linear(2 * dim, vocab))
        self.hard = False

    def plan(self, logits):
        if self.hard:
            return self.words(logits.argmax(-1))
        return logits.softmax(-1) @ self.words.weight

    def forward(self, ids):
        return self.writer(self.plan(self.planner(ids)))
