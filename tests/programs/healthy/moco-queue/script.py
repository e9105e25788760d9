import torch
import torch.nn as nn
from moco import MoCo


def encoder(d=12):
    return nn.Sequential(nn.Linear(20, 48), nn.LayerNorm(48), nn.ReLU(), nn.Linear(48, d))


class Views:
    def __init__(self, instances=64):
        self.bank = torch.randn(instances, 20)

    def sample(self, n):
        x = self.bank[torch.randint(0, len(self.bank), (n,))]
        return self.crop(x), self.crop(x)

    @staticmethod
    def crop(x):
        start = torch.randint(0, 5, (len(x), 1))
        position = torch.arange(x.shape[1])
        inside = (position >= start) & (position < start + 15)
        return x * inside + 0.05 * torch.randn_like(x)


torch.manual_seed(0)
model, views = MoCo(encoder(), d=12), Views()
optimizer = torch.optim.SGD(model.encoder_q.parameters(), lr=0.1, momentum=0.9, weight_decay=1e-4)
for step in range(36):
    logits, labels = model(*views.sample(24))
    loss = nn.functional.cross_entropy(logits, labels)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    if step % 9 == 0:
        top = (logits.topk(5, dim=1).indices == 0).any(1).float().mean().item()
        print(f"step {step:2d} loss {loss.item():.4f} top-5 {top:.3f}")
