import random

import torch
import torch.nn as nn
import torch.nn.functional as F

START, END, VOCAB = 0, 1, 8


class Reverser(nn.Module):
    def __init__(self, d=24):
        super().__init__()
        self.embed = nn.Embedding(VOCAB, d)
        self.encoder = nn.GRU(d, d, batch_first=True)
        self.cell = nn.GRUCell(d, d)
        self.query = nn.Linear(d, d, bias=False)
        self.out = nn.Linear(2 * d, VOCAB)

    def encode(self, source):
        memory, h = self.encoder(self.embed(source))
        return memory, h[0]

    def step(self, token, h, memory):
        h = self.cell(self.embed(token), h)
        weights = (memory @ self.query(h).unsqueeze(-1)).softmax(1)
        return self.out(torch.cat([h, (weights * memory).sum(1)], -1)), h

    def forward(self, source, target, own):
        memory, h = self.encode(source)
        token, logits = torch.full((len(source),), START), []
        for t in range(target.shape[1]):
            scores, h = self.step(token, h, memory)
            logits.append(scores)
            token = scores.argmax(-1) if random.random() < own else target[:, t]
        return torch.stack(logits, 1)

    @torch.no_grad()
    def greedy(self, source, limit=10):
        memory, h = self.encode(source)
        token, out = torch.full((len(source),), START), []
        while len(out) < limit and not (token == END).all():
            scores, h = self.step(token, h, memory)
            token = scores.argmax(-1)
            out.append(token.tolist())
        return list(zip(*out))


def batch(n=32, length=4):
    source = torch.randint(2, VOCAB, (n, length))
    return source, torch.cat([source.flip(1), torch.full((n, 1), END)], 1)


random.seed(0)
torch.manual_seed(0)
model = Reverser()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
for step in range(40):
    source, target = batch()
    logits = model(source, target, own=min(1.0, step / 30))
    loss = F.cross_entropy(logits.flatten(0, 1), target.flatten())
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 1.0)
    optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")
source, target = batch(2)
print(source.tolist(), "->", model.greedy(source))
