import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)


def train(steps):
    body, head = nn.Linear(4, 8), nn.Linear(8, 3)
    opt = torch.optim.SGD([{"params": body.parameters()}, {"params": head.parameters()}], 0.1)
    schedule = LambdaLR(opt, [lambda step: 0.0 if step < 5000 else 1.0, lambda step: 0.99**step])  # <- other
    for _ in range(steps):
        loss = F.cross_entropy(head(body(torch.randn(16, 4)).relu()), torch.randint(0, 3, (16,)))
        opt.zero_grad()
        loss.backward()
        opt.step()
        schedule.step()


train(20)
