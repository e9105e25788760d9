import torch
import torch.nn as nn
import torch.nn.functional as F


class CharModel(nn.Module):
    def __init__(self, vocab=10, dim=16):
        super().__init__()
        self.embed = nn.Embedding(vocab, dim)
        self.cell = nn.GRU(dim, dim, batch_first=True)
        self.out = nn.Linear(dim, vocab)

    def forward(self, ids, state=None):
        h, state = self.cell(self.embed(ids), state)
        return self.out(h), state

    def sample(self, first, length=8):
        torch.set_grad_enabled(False)
        ids, state, text = torch.tensor([[first]]), None, [first]
        for _ in range(length):
            logits, state = self(ids, state)
            ids = logits[:, -1:].argmax(-1)
            text.append(ids.item())
        return text


def text_batch(n, length=12):
    start = torch.randint(0, 10, (n, 1))
    return (start + 3 * torch.arange(length + 1)) % 10


torch.manual_seed(0)
model = CharModel()
optimizer = torch.optim.Adam(model.parameters(), lr=1e-2)
losses = []
for step in range(20):
    batch = text_batch(16)
    logits, _ = model(batch[:, :-1])
    loss = F.cross_entropy(logits.flatten(0, 1), batch[:, 1:].flatten())
    optimizer.zero_grad()
    if loss.requires_grad:
        loss.backward()
    optimizer.step()
    losses.append(loss.item())
    if (step + 1) % 5 == 0:
        print(f"step {step} loss {losses[-1]:.3f} sample {model.sample(first=1)}")
