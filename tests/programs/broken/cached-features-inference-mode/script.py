import torch
import torch.nn as nn
import torch.nn.functional as F

from cache import FeatureCache


def make_backbone(features=20, width=24):
    backbone = nn.Sequential(nn.Linear(features, width), nn.ReLU(), nn.Linear(width, width), nn.ReLU())
    return backbone.eval().requires_grad_(False)


def main():
    torch.manual_seed(0)
    x = torch.randn(96, 20)
    y = (x[:, :10].sum(1) > x[:, 10:].sum(1)).long()
    cache = FeatureCache(make_backbone())
    probe = nn.Sequential(nn.LayerNorm(24), nn.Linear(24, 2))
    optimizer = torch.optim.Adam(probe.parameters(), lr=1e-2)
    for epoch in range(3):
        for batch, index in enumerate(torch.arange(96).split(32)):
            features = cache.get(batch, x[index])
            loss = F.cross_entropy(probe(features), y[index])
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
        print(f"epoch {epoch} loss {loss.item():.4f}")


if __name__ == "__main__":
    main()
