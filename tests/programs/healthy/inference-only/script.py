import io

import numpy as np
import torch
import torch.nn as nn
import torch.nn.functional as F


class Encoder(nn.Module):
    def __init__(self, d_in=12, d=8):
        super().__init__()
        self.net = nn.Sequential(nn.Linear(d_in, 32), nn.BatchNorm1d(32), nn.GELU(), nn.Linear(32, d))

    def forward(self, x):
        return F.normalize(self.net(x), dim=-1)


def load():
    torch.manual_seed(4)
    file = io.BytesIO()
    torch.save(Encoder().state_dict(), file)
    file.seek(0)
    model = Encoder()
    model.load_state_dict(torch.load(file, weights_only=True))
    return model.eval()


class Index:
    """Nearest neighbours by cosine."""

    def __init__(self, model, items):
        self.model = model
        self.matrix = model(items).detach().numpy()

    @torch.inference_mode()
    def search(self, x, k):
        query = self.model(x).numpy()
        return np.argsort(-query @ self.matrix.T, axis=1)[:, :k]


def augmented(model, x, times=4):
    with torch.no_grad():
        views = torch.stack([model(x + 0.05 * torch.randn_like(x)) for _ in range(times)])
    return views.mean(0), views.std(0).mean().item()


model = load()
torch.manual_seed(0)
items = torch.randn(50, 12)
queries = items[:10] + 0.1 * torch.randn(10, 12)
index = Index(model, items)
hits = index.search(queries, k=3)
recall = np.mean([i in row for i, row in enumerate(hits)])
centre, spread = augmented(model, queries)
similarity = (model(items[:10]) * centre).sum(-1)
print(f"recall {recall:.2f} spread {spread:.4f} similarity {similarity.mean().item():.3f}")
print("size", sum(p.numel() for p in model.parameters()), "largest", model.net[0].weight.abs().max().item())
