import torch
import torch.nn as nn
from matching import set_loss


class SetPredictor(nn.Module):
    def __init__(self, d_in=12, slots=4, d=32, classes=2):
        super().__init__()
        self.slots, self.nothing = nn.Parameter(torch.randn(slots, d)), classes
        self.encode = nn.Linear(d_in, d)
        self.mix = nn.Sequential(nn.ReLU(), nn.Linear(d, d), nn.ReLU())
        self.classes, self.box = nn.Linear(d, classes + 1), nn.Linear(d, 2)

    def forward(self, x):
        h = self.mix(self.encode(x)[:, None] + self.slots)
        return self.classes(h), self.box(h).sigmoid()


def scenes(n=12):
    """Each holds one to three objects; the picture is a histogram of where they are."""
    x, labels, targets = torch.zeros(n, 2, 6), [], []
    for i in range(n):
        count = int(torch.randint(1, 4, ()))
        where, what = torch.rand(count, 2), torch.randint(0, 2, (count,))
        x[i, 0] += torch.bincount((where[:, 0] * 6).long(), minlength=6)
        x[i, 1] += torch.bincount((where[:, 1] * 6).long(), 1.0 + what, minlength=6)
        labels.append(what), targets.append(where)
    return x.flatten(1), labels, targets


torch.manual_seed(0)
model = SetPredictor()
optimizer = torch.optim.AdamW(model.parameters(), lr=5e-3)
for step in range(25):
    x, labels, targets = scenes()
    loss, slot = set_loss(*model(x), labels, targets, model.nothing)
    optimizer.zero_grad()
    loss.backward()
    nn.utils.clip_grad_norm_(model.parameters(), 0.5)
    optimizer.step()
    if step % 6 == 0:
        used = torch.bincount(slot, minlength=4).tolist()
        print(f"step {step:2d} loss {loss.item():.4f} slots used {used}")
