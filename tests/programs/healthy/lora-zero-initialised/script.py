import copy

import torch
import torch.nn as nn
from lora import adapt, merged


class Attention(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.q, self.k, self.v = (nn.Linear(d, d, bias=False) for _ in range(3))
        self.o = nn.Linear(d, d)

    def forward(self, x):
        q, k, v = self.q(x), self.k(x), self.v(x)
        return self.o((q @ k.transpose(1, 2) / q.shape[-1] ** 0.5).softmax(-1) @ v)


class Encoder(nn.Module):
    def __init__(self, vocab=20, d=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.layers = nn.ModuleList(Attention(d) for _ in range(2))
        self.head = nn.Linear(d, 2)

    def forward(self, ids):
        x = self.embed(ids)
        for layer in self.layers:
            x = x + layer(x)
        return self.head(x[:, 0])


torch.manual_seed(0)
pretrained = Encoder()
model = adapt(pretrained.requires_grad_(False), {"q", "v"}, rank=2)
model.head = nn.Linear(16, 2)
trainable = {n: p for n, p in model.named_parameters() if p.requires_grad}
print(len(trainable), "of", len(list(model.parameters())), "tensors train")
optimizer = torch.optim.AdamW(trainable.values(), lr=1e-2)
for step in range(25):
    ids = torch.randint(0, 20, (48, 6))
    y = (ids[:, 0] > ids[:, 3]).long()
    loss = nn.functional.cross_entropy(model(ids), y)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
with torch.no_grad():
    before = model(ids)
    after = merged(copy.deepcopy(model))(ids)
print(f"loss {loss.item():.4f} merging moved the logits by {(before - after).abs().max().item():.1e}")
