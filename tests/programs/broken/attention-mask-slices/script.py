import torch
import torch.nn as nn
import torch.nn.functional as F

from attention import Pooler


class Tagger(nn.Module):
    def __init__(self, vocab=50, dim=16, tags=5):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.pool = Pooler(dim)
        self.out = nn.Linear(dim, tags)

    def forward(self, ids, lengths):
        return self.out(self.pool(self.embed(ids), lengths))


def sentences(n, longest=9):
    lengths = torch.randint(3, longest + 1, (n,))
    ids = torch.randint(1, 50, (n, longest))
    ids[torch.arange(longest) >= lengths[:, None]] = 0
    return ids, lengths, ids.max(1).values % 5


torch.manual_seed(3)
model = Tagger()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for epoch in range(3):
    for _ in range(4):
        ids, lengths, tags = sentences(12)
        loss = F.cross_entropy(model(ids, lengths), tags)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    print(f"epoch {epoch}: {loss.item():.4f}")
