"""A mask picks the samples of a term: what the mask was made of is rightly constant, what it picks isn't."""

import torch
from torch import nn
from torch.nn import functional as F


class Net(nn.Module):
    def __init__(self):
        super().__init__()
        self.stem, self.head = nn.Linear(8, 16), nn.Linear(16, 4)

    def forward(self, x):
        hidden = F.relu(self.stem(x))
        return self.head(hidden), F.normalize(hidden, dim=1)


torch.manual_seed(0)
model = Net()
optimizer = torch.optim.SGD(model.parameters(), lr=0.05)
least = torch.full((4,), 0.3)


def noisy(x, much):
    return x + much * torch.randn_like(x)


@torch.no_grad()
def follow(logits):
    least.lerp_(F.softmax(logits, 1).mean(0), 0.1)


for step in range(10):
    x, y, more = torch.randn(16, 8), torch.randint(0, 4, (16,)), torch.randn(16, 8)
    logits, _ = model(x)
    follow(logits)
    with torch.no_grad():
        sure, guessed = F.softmax(model(noisy(more, 0.1))[0], 1).max(1)
        unsure = sure < least[guessed] + 0.2
        _, one = model(noisy(more, 0.5))  # <- no_grad
        _, other = model(noisy(more, 0.5))
    loss = F.cross_entropy(logits, y)
    if unsure.sum() > 1:
        loss = loss + 0.5 * F.mse_loss(one[unsure], other[unsure])
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
