from collections import Counter

import torch
import torch.nn as nn
import torch.nn.functional as F
from port import embedding_from, extend, port, word_vectors

WORDS = [f"w{i}" for i in range(20)]


class Bag(nn.Module):
    def __init__(self, embedding, hidden, classes=3):
        super().__init__()
        self.embedding = embedding
        d = embedding.embedding_dim
        self.body = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, hidden))
        self.out = nn.Linear(hidden, classes)

    def forward(self, ids):
        return self.out(torch.relu(self.body(self.embedding(ids).mean(1))))


def batch(n, vocab):
    ids = torch.randint(0, vocab, (n, 7))
    return ids, (ids % 5 == 0).sum(1).clamp(max=2)


torch.manual_seed(0)
embedding = embedding_from(word_vectors(WORDS, d=10))
small = Bag(embedding, hidden=16)
model = Bag(extend(embedding, extra=5), hidden=24)
port(small.body, model.body)
with torch.no_grad():
    ids, y = batch(64, 20)
    print(f"the small model starts at {F.cross_entropy(small(ids), y).item():.4f}")
counts = Counter(batch(500, 25)[1].tolist())
frequency = torch.tensor([counts[c] / 500 for c in range(3)])
with torch.no_grad():
    model.out.bias.copy_(frequency.log())
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(30):
    ids, y = batch(64, 25)
    loss = F.cross_entropy(model(ids), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")
