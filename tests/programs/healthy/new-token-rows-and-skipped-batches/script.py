import torch
import torch.nn as nn
import torch.nn.functional as F


class Captioner(nn.Module):
    def __init__(self, vocab, dim, classes):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.read = nn.Sequential(nn.Linear(dim, 2 * dim), nn.Tanh(), nn.Linear(2 * dim, classes))

    def extend(self, count):
        old = self.embed
        self.embed = nn.Embedding(old.num_embeddings + count, old.embedding_dim)
        with torch.no_grad():
            self.embed.weight[: old.num_embeddings] = old.weight
        return old.num_embeddings


def train_new_tokens_only(model, count):
    model.requires_grad_(False)
    first = model.extend(count)
    mask = torch.zeros(model.embed.num_embeddings, 1)
    mask[first:] = 1
    model.embed.weight.register_hook(lambda grad: grad * mask)
    return first


def caption_loss(model, ids, first):
    new = ids.max(1).values
    shown = new >= first
    if not shown.any():
        return 0.0
    return F.cross_entropy(model.read(model.embed(ids[shown]).sum(1)), new[shown] - first)


def captions(n, vocab, count, step):
    ids = torch.randint(0, vocab, (n, 6))
    if step % 5 != 3:
        ids[: n // 2, 2] = vocab + torch.arange(n // 2) % count
    return ids


torch.manual_seed(0)
model = Captioner(vocab=20, dim=12, classes=3)
first = train_new_tokens_only(model, 3)
optimizer = torch.optim.SGD([model.embed.weight], lr=0.5)
skipped = 0
for step in range(15):
    loss = caption_loss(model, captions(16, 20, 3, step), first)
    if not torch.is_tensor(loss):
        skipped += 1
        continue
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}, {skipped} batches skipped")
