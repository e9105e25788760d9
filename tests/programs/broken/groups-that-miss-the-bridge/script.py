import torch
import torch.nn as nn
import torch.nn.functional as F


class Seq2Vec(nn.Module):
    def __init__(self, features=6, hidden=16):
        super().__init__()
        self.encoder = nn.GRU(features, hidden, batch_first=True)
        self.bridge = nn.Sequential(nn.Linear(hidden, hidden), nn.Tanh())
        self.decoder = nn.Linear(hidden, features)

    def forward(self, x):
        _, h = self.encoder(x)
        return self.decoder(self.bridge(h[-1]))


def groups(model, rates):
    found = {prefix: [] for prefix in rates}
    for name, p in model.named_parameters():
        for prefix in rates:
            if name.startswith(prefix):
                found[prefix].append(p)
    return [{"params": ps, "lr": rates[prefix]} for prefix, ps in found.items()]


def walks(n, length=9):
    steps = torch.randn(n, length, 6)
    return steps, 0.3 * steps.sum(1)


torch.manual_seed(0)
model = Seq2Vec()
optimizer = torch.optim.Adam(groups(model, {"encoder": 3e-3, "decoder": 1e-2}))
for step in range(12):
    x, y = walks(32)
    loss = F.mse_loss(model(x), y)
    model.zero_grad()
    loss.backward()
    optimizer.step()
print(f"loss {loss.item():.4f}")
