from collections import defaultdict

import torch
import torch.nn as nn
import torch.nn.functional as F


class Uncertainty(nn.Module):
    def __init__(self, tasks):
        super().__init__()
        self.log_var = nn.ParameterDict({t: nn.Parameter(torch.zeros(())) for t in tasks})

    def forward(self, losses):
        return sum(torch.exp(-self.log_var[t]) * loss + 0.5 * self.log_var[t] for t, loss in losses.items())


class Scene(nn.Module):
    def __init__(self, hidden=16):
        super().__init__()
        convs = [nn.Conv2d(a, hidden, 3, padding=1) for a in (1, hidden)]
        self.trunk = nn.Sequential(convs[0], nn.ReLU(), convs[1])
        self.depth, self.segment = nn.Conv2d(hidden, 1, 1), nn.Conv2d(hidden, 3, 1)
        self.scene = nn.Linear(hidden, 4)

    def forward(self, x):
        h = F.relu(self.trunk(x))
        pooled = h.mean((2, 3))
        return {"depth": self.depth(h).squeeze(1), "segment": self.segment(h), "scene": self.scene(pooled)}


def soft_labels(y, classes, smoothing):
    return F.one_hot(y, classes).float() * (1 - smoothing) + smoothing / classes


def render(n):
    x = F.avg_pool2d(torch.rand(n, 1, 10, 10), 3, stride=1)
    blocks = F.adaptive_avg_pool2d(x, 2).flatten(1)
    return x, {
        "depth": 1 / (0.2 + x.squeeze(1)),
        "segment": (x.squeeze(1) * 3).long().clamp(0, 2),
        "scene": blocks.argmax(1),
    }


def soft_cross_entropy(logits, y):
    return -(soft_labels(y, 4, 0.1) * logits.log_softmax(1)).sum(1).mean()


CRITERIA = {"depth": F.l1_loss, "segment": F.cross_entropy, "scene": soft_cross_entropy}

torch.manual_seed(0)
net, weights = Scene(), Uncertainty(CRITERIA)
optimizer = torch.optim.Adam([*net.parameters(), *weights.parameters()], lr=1e-2)
history = defaultdict(list)
for step in range(25):
    x, y = render(24)
    out = net(x)
    losses = {task: criterion(out[task], y[task]) for task, criterion in CRITERIA.items()}
    loss = weights(losses)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    history["plain sum"].append(sum(value.item() for value in losses.values()))
    for task, value in losses.items():
        history[task].append(float(value.detach()))
print({name: round(values[-1], 4) for name, values in history.items()})
print({task: round(p.item(), 3) for task, p in weights.log_var.items()})
