import torch
import torch.nn.functional as F
from reversal import GradientReversal
from torch import nn

STEPS = 30


class DANN(nn.Module):
    def __init__(self, d=4, hidden=24):
        super().__init__()
        self.features = nn.Sequential(nn.Linear(d, hidden), nn.ReLU(), nn.Linear(hidden, hidden), nn.ReLU())
        self.label = nn.Linear(hidden, 2)
        self.reverse = GradientReversal(STEPS)
        self.domain = nn.Sequential(nn.Linear(hidden, hidden), nn.ReLU(), nn.Linear(hidden, 2))

    def forward(self, x):
        h = self.features(x)
        return self.label(h), self.domain(self.reverse(h))


def sample(n, shift):
    x = torch.randn(n, 4)
    y = (x[:, 0] * x[:, 1] > 0).long()
    return x + shift, y


torch.manual_seed(0)
net = DANN()
optimizer = torch.optim.SGD(net.parameters(), lr=0.05, momentum=0.9)
for step in range(STEPS):
    (xs, ys), (xt, yt) = sample(48, 0.0), sample(48, torch.tensor([1.0, 0.0, -1.0, 0.5]))
    labels, domains = net(torch.cat([xs, xt]))
    truth = torch.arange(2).repeat_interleave(48)
    label_loss = F.cross_entropy(labels[:48], ys)  # the target domain has no labels
    domain_loss = F.cross_entropy(domains, truth)
    optimizer.zero_grad()
    (label_loss + domain_loss).backward()
    optimizer.step()
    if step % 10 == 0:
        target = (labels[48:].argmax(1) == yt).float().mean()
        losses = label_loss.item(), domain_loss.item()
        print(f"step {step:2d} label {losses[0]:.4f} domain {losses[1]:.4f} target {target:.3f}")
