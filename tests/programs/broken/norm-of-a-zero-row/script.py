import torch
import torch.nn as nn
import torch.nn.functional as F

from regular import length_penalty


class Bag(nn.Module):
    def __init__(self, vocab=30, dim=8, classes=3):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim, padding_idx=0)
        self.shape = nn.Linear(dim, dim, bias=False)
        self.out = nn.Linear(dim, classes)

    def forward(self, ids):
        words = self.shape(self.embed(ids))
        return self.out(words.sum(1)), words


def documents(n, longest=7):
    ids = torch.randint(1, 30, (n, longest))
    for row, length in enumerate(torch.randint(2, longest + 1, (n,)).tolist()):
        ids[row, length:] = 0
    return ids, ids.max(1).values // 10


torch.manual_seed(0)
model = Bag()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(8):
    ids, y = documents(16)
    logits, words = model(ids)
    loss = F.cross_entropy(logits, y) + 0.01 * length_penalty(words)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.4f}")
