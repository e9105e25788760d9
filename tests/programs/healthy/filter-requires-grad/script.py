import torch
import torch.nn as nn
import torch.nn.functional as F

FROZEN = ("embed.", "blocks.0.", "blocks.1.norm", "blocks.2.")


class Block(nn.Module):
    def __init__(self, d):
        super().__init__()
        self.norm = nn.LayerNorm(d)
        self.mix = nn.Conv1d(d, d, 3, padding=1, groups=d)
        self.ff = nn.Sequential(nn.Linear(d, 2 * d), nn.GELU(), nn.Linear(2 * d, d))

    def forward(self, x):
        h = self.mix(self.norm(x).transpose(1, 2)).transpose(1, 2)
        return x + self.ff(h)


class Encoder(nn.Module):
    def __init__(self, vocab=40, d=16, depth=3, classes=3):
        super().__init__()
        self.embed = nn.Embedding(vocab, d)
        self.blocks = nn.ModuleList(Block(d) for _ in range(depth))
        self.classifier = nn.Linear(d, classes)

    def forward(self, ids):
        x = self.embed(ids)
        for block in self.blocks:
            x = block(x)
        return self.classifier(x.mean(1))


def freeze_by_name(model, prefixes):
    for name, param in model.named_parameters():
        param.requires_grad = not name.startswith(prefixes)
    frozen = sum(p.numel() for p in model.parameters() if not p.requires_grad)
    print(f"{frozen} of {sum(p.numel() for p in model.parameters())} weights are frozen")


torch.manual_seed(0)
model = Encoder()
freeze_by_name(model, FROZEN)
optimizer = torch.optim.AdamW(filter(lambda p: p.requires_grad, model.parameters()), lr=5e-3)
for step in range(25):
    ids = torch.randint(0, 40, (32, 12))
    labels = (ids < 20).sum(1).clamp(4, 8).sub(4).div(2, rounding_mode="floor").long()
    loss = F.cross_entropy(model(ids), labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 8 == 0:
        print(f"step {step:2d} loss {loss.item():.4f}")
