"""A penalty is to spread the codes, and is computed from one-hot codes of the largest scores."""
import torch
from torch import nn
from torch.nn import functional as F

torch.manual_seed(0)
net, codes, out = nn.Linear(4, 8), nn.Linear(8, 5), nn.Linear(8, 1)
optimizer = torch.optim.SGD([*net.parameters(), *codes.parameters(), *out.parameters()], lr=0.1)


def spread(assigned):
    share = assigned.mean(0)
    return (share * (share + 1e-7).log()).sum()


x, y = torch.randn(16, 4), torch.randn(16, 1)
for _ in range(6):
    hidden = torch.tanh(net(x))
    scores = codes(hidden)
    hard = torch.zeros_like(scores).scatter_(1, scores.argmax(1, keepdim=True), 1.0)  # <- nondifferentiable_op
    soft = F.gumbel_softmax(scores, tau=1.0)
    loss = (out(hidden) * soft.amax(1, keepdim=True) - y).square().mean() + spread(hard)
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
