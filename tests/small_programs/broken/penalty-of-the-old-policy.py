"""The distance from the reference is that of the old policy, for each token: the penalty is a constant."""
import torch
from torch import nn

torch.manual_seed(0)
net, reference = nn.Linear(4, 6), nn.Linear(4, 6)
optimizer = torch.optim.Adam(net.parameters(), 1e-2)


def scores(model, x, taken):
    return model(x).log_softmax(-1).gather(-1, taken[..., None]).squeeze(-1)


for _ in range(6):
    x, taken, gain = torch.randn(8, 5, 4), torch.randint(0, 6, (8, 5)), torch.randn(8, 1)
    with torch.no_grad():
        before = scores(net, x, taken)  # <- no_grad
        fixed = scores(reference, x, taken)
    ratio = (scores(net, x, taken) - before).exp()
    apart = fixed - before
    penalty = apart.exp() - apart - 1
    each = -torch.min(ratio * gain, ratio.clamp(0.8, 1.2) * gain) + 0.1 * penalty
    optimizer.zero_grad()
    each.mean().backward()
    optimizer.step()
