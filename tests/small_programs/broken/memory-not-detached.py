import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class Compressive(nn.Module):
    def __init__(self, vocab=11, d=8, mem=3):
        super().__init__()
        self.emb, self.mem_len = nn.Embedding(vocab, d), mem
        self.attn = nn.MultiheadAttention(d, 2, batch_first=True)
        self.norm, self.ff, self.out = nn.LayerNorm(d), nn.Linear(d, d), nn.Linear(d, vocab)

    def init_mems(self, b):
        return torch.zeros(b, self.mem_len, 8)

    def forward(self, ids, mems):
        x = self.emb(ids)
        ctx = torch.cat([mems, x], dim=1)
        h, _ = self.attn(x, ctx, ctx)
        h = self.norm(x + h)
        h = h + F.gelu(self.ff(h))
        new_mems = torch.cat([mems, h], dim=1)[:, -self.mem_len:]  # <- double_backward
        return self.out(h), new_mems


model = Compressive()
opt = torch.optim.Adam(model.parameters(), 1e-3)
corpus = torch.randint(0, 11, (4, 26))
mems = model.init_mems(4)
for i in range(0, 25, 5):
    logits, mems = model(corpus[:, i:i + 5], mems)  # <- double_backward
    loss = F.cross_entropy(logits.flatten(0, 1), corpus[:, i + 1:i + 6].flatten())
    opt.zero_grad()
    loss.backward()
    opt.step()
    print(i, loss.item())
