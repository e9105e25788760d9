"""The last bias of a critic gets zeros, as what pulls it down pulls it up too, and its gradients are clipped."""
import torch
from torch import nn

torch.manual_seed(0)
body, last = nn.Linear(4, 8), nn.Linear(8, 1)
body_opt = torch.optim.SGD(body.parameters(), lr=0.1)
last_opt = torch.optim.SGD(last.parameters(), lr=0.1)
for _ in range(4):
    real, fake = torch.randn(8, 4), torch.randn(8, 4) + 1
    body_opt.zero_grad()
    last_opt.zero_grad()
    (last(torch.tanh(body(fake))).mean() - last(torch.tanh(body(real))).mean()).backward()
    nn.utils.clip_grad_norm_([*body.parameters(), *last.parameters()], 0.5)
    body_opt.step()
    last_opt.step()
