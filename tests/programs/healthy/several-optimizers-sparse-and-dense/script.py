import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class TwoTower(nn.Module):
    def __init__(self, users=60, items=400, d=8):
        super().__init__()
        self.users = nn.Embedding(users, d, sparse=True)
        self.items = nn.EmbeddingBag(items, d, mode="mean", sparse=True)
        self.dense = nn.Sequential(nn.Linear(2 * d, 32), nn.ReLU())
        self.click = nn.Linear(32, 1)
        self.dwell = nn.Linear(32, 1)

    def forward(self, user, basket, offsets):
        h = self.dense(torch.cat([self.users(user), self.items(basket, offsets)], 1))
        return self.click(h).squeeze(1), self.dwell(h).squeeze(1)

    def sparse_parameters(self):
        return [*self.users.parameters(), *self.items.parameters()]

    def dense_parameters(self):
        held = {id(p) for p in self.sparse_parameters()}
        return [p for p in self.parameters() if id(p) not in held]


class Log:
    """Baskets of items, made in numpy."""

    def __init__(self, seed):
        self.rng = np.random.default_rng(seed)

    def sample(self, n):
        user = self.rng.integers(0, 60, n)
        lengths = self.rng.integers(1, 5, n)
        basket = self.rng.integers(0, 40, lengths.sum())
        offsets = np.concatenate([[0], lengths.cumsum()[:-1]])
        click = (user + lengths) % 2
        dwell = np.log1p(lengths).astype(np.float32)
        return tuple(map(torch.from_numpy, (user, basket, offsets, click, dwell)))


torch.manual_seed(0)
model, log = TwoTower(), Log(0)
optimizers = [
    torch.optim.SparseAdam(model.sparse_parameters(), lr=1e-2),
    torch.optim.AdamW(model.dense_parameters(), lr=5e-3),
]
for step in range(30):
    user, basket, offsets, click, dwell = log.sample(32)
    logit, seconds = model(user, basket, offsets)
    for optimizer in optimizers:
        optimizer.zero_grad()
    click_loss = F.binary_cross_entropy_with_logits(logit, click.float())
    dwell_loss = F.mse_loss(seconds, dwell)
    click_loss.backward(retain_graph=True)
    (0.5 * dwell_loss).backward()
    for optimizer in optimizers:
        optimizer.step()
    if step % 10 == 0:
        print(f"step {step:2d} click {click_loss.item():.4f} dwell {dwell_loss.item():.4f}")
