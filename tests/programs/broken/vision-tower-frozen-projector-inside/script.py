import torch
import torch.nn as nn
import torch.nn.functional as F

from segments import run_in_segments


class Captioner(nn.Module):
    def __init__(self, patch=12, dim=16, vocab=11, depth=3):
        super().__init__()
        self.tower = nn.Sequential(nn.Linear(patch, dim), nn.GELU(), nn.LayerNorm(dim))
        self.projector = nn.Sequential(nn.Linear(dim, dim), nn.GELU(), nn.Linear(dim, dim))
        self.blocks = nn.ModuleList(nn.Sequential(nn.LayerNorm(dim), nn.Linear(dim, dim), nn.GELU()) for _ in range(depth))
        self.lm_head = nn.Linear(dim, vocab)

    def freeze(self, *parts):
        for part in parts:
            part.requires_grad_(False)

    def forward(self, patches):
        with torch.no_grad():  # the tower is never trained
            features = self.tower(patches)
        h = run_in_segments([self.projector, *self.blocks], features, segments=2)
        return self.lm_head(h.mean(1))


torch.manual_seed(0)
model = Captioner()
model.freeze(model.tower, model.blocks, model.lm_head)
optimizer = torch.optim.AdamW(model.projector.parameters(), lr=1e-2)
for step in range(6):
    patches, word = torch.randn(16, 5, 12), torch.randint(0, 11, (16,))
    loss = F.cross_entropy(model(patches), word)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    print(f"step {step} loss {loss.item():.4f}")
