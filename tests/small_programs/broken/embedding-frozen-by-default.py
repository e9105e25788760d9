import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self, vectors):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors)  # <- frozen_leaf
        self.rnn = nn.GRU(8, 16, batch_first=True)
        self.out = nn.Linear(16, 4)

    def forward(self, ids):
        hidden, _ = self.rnn(self.words(ids))
        return self.out(hidden)


net = Tagger(torch.randn(50, 8))
groups = [
    {"params": net.words.parameters(), "lr": 1e-4},
    {"params": [*net.rnn.parameters(), *net.out.parameters()]},
]
optimizer = torch.optim.Adam(groups, lr=1e-3)
for step in range(10):
    ids = torch.randint(0, 50, (6, 5))
    tags = torch.randint(0, 4, (6, 5))
    optimizer.zero_grad()
    F.cross_entropy(net(ids).flatten(0, 1), tags.flatten()).backward()
    optimizer.step()
