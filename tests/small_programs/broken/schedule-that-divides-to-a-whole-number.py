import torch
from torch import nn
from torch.optim.lr_scheduler import LRScheduler


class Warmup(LRScheduler):
    def __init__(self, optimizer, length):
        self.length = length
        super().__init__(optimizer)

    def get_lr(self):
        share = min(1, self.last_epoch // self.length)  # <- other
        return [rate * share for rate in self.base_lrs]


torch.manual_seed(0)
net = nn.Linear(4, 2)
features, target = torch.randn(16, 4), torch.randn(16, 2)
optimizer = torch.optim.SGD(net.parameters(), lr=0.1)
schedule = Warmup(optimizer, 40)
for _ in range(24):
    optimizer.zero_grad()
    nn.functional.mse_loss(net(features), target).backward()
    optimizer.step()
    schedule.step()
