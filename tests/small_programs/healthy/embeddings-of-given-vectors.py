import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)


class Tagger(nn.Module):
    def __init__(self, vectors, freeze):
        super().__init__()
        self.words = nn.Embedding.from_pretrained(vectors, freeze=freeze)
        self.shapes = nn.Embedding.from_pretrained(torch.eye(5))
        self.rnn = nn.GRU(13, 16, batch_first=True)
        self.out = nn.Linear(16, 4)

    def forward(self, ids):
        hidden, _ = self.rnn(torch.cat([self.words(ids), self.shapes(ids % 5)], -1))
        return self.out(hidden)


for freeze in (True, False):
    net = Tagger(torch.randn(50, 8), freeze)
    groups = [
        {"params": net.words.parameters(), "lr": 1e-4},
        {"params": [*net.shapes.parameters(), *net.rnn.parameters(), *net.out.parameters()]},
    ]
    optimizer = torch.optim.Adam(groups, lr=1e-3)
    for step in range(8):
        ids = torch.randint(0, 50, (6, 5))
        tags = torch.randint(0, 4, (6, 5))
        optimizer.zero_grad()
        F.cross_entropy(net(ids).flatten(0, 1), tags.flatten()).backward()
        optimizer.step()
