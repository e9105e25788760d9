import torch
from torch import nn
from torch.distributions import Bernoulli

torch.manual_seed(0)
w = nn.Parameter(torch.zeros(4))
gates = Bernoulli(logits=w)
opt = torch.optim.SGD([w], lr=0.1)


def penalty(x):
    x = x.abs()
    x = torch.tanh(x)
    return (x * gates.probs).sum()  # <- double_backward


for _ in range(3):
    opt.zero_grad()
    penalty(torch.randn(4)).backward()
    opt.step()
