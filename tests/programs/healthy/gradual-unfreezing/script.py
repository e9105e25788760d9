import torch
import torch.nn as nn
import torch.nn.functional as F
from schedule import GradualUnfreezing
from torch.utils.data import DataLoader, TensorDataset


class TextClassifier(nn.Module):
    def __init__(self, vocab=30, d=12, hidden=24):
        super().__init__()
        self.embedding = nn.Embedding(vocab, d)
        self.rnn = nn.GRU(d, hidden, batch_first=True)
        self.norm = nn.LayerNorm(hidden)
        self.head = nn.Sequential(nn.Linear(hidden, 16), nn.ReLU(), nn.Linear(16, 3))

    def forward(self, ids):
        out, _ = self.rnn(self.embedding(ids))
        return self.head(self.norm(out.amax(1)))


def corpus(n=160):
    ids = torch.randint(0, 30, (n, 10))
    return TensorDataset(ids, (ids < 10).sum(1).sub(2).clamp(0, 2))


def train_epoch(model, loader, optimizer):
    total = 0.0
    for ids, y in loader:
        loss = F.cross_entropy(model(ids), y)
        optimizer.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_([p for p in model.parameters() if p.grad is not None], 1.0)
        optimizer.step()
        total += loss.item()
    return total / len(loader)


torch.manual_seed(0)
model = TextClassifier()
groups = [[model.head], [model.norm, model.rnn], [model.embedding]]
schedule = GradualUnfreezing(groups, refreeze={2: [3]})
optimizer = torch.optim.Adam(
    [{"params": nn.ModuleList(group).parameters(), "lr": 1e-2 / 2**i} for i, group in enumerate(groups)]
)
loader = DataLoader(corpus(), batch_size=32, shuffle=True)
for epoch in range(4):
    trained = schedule.start(epoch)
    print(f"epoch {epoch} trains {trained} tensors, loss {train_epoch(model, loader, optimizer):.4f}")
