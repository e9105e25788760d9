import torch
from torch import nn
from torch.nn import functional as F
from torch.optim.lr_scheduler import LambdaLR

torch.manual_seed(0)


def warm_up(steps):
    def factor(step):
        return 1.0 if step >= steps else step // steps  # <- other

    return factor


body, head = nn.Linear(4, 8), nn.Linear(8, 3)
opt = torch.optim.SGD([{"params": body.parameters()}, {"params": head.parameters()}], 0.1)
schedule = LambdaLR(opt, [warm_up(100), lambda step: 0.99**step])
for _ in range(20):
    loss = F.cross_entropy(head(body(torch.randn(16, 4)).relu()), torch.randint(0, 3, (16,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
    schedule.step()
