"""One encoder, twelve tasks in turn: after eight steps some heads have had no batch yet."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
TASKS = [f"task{i}" for i in range(12)]


class MultiTask(nn.Module):
    def __init__(self):
        super().__init__()
        self.encoder = nn.Sequential(nn.Linear(6, 16), nn.GELU(), nn.Linear(16, 16))
        self.heads = nn.ModuleDict({t: nn.Sequential(nn.LayerNorm(16), nn.Linear(16, 1 + i % 3)) for i, t in enumerate(TASKS)})

    def forward(self, x, task):
        return self.heads[task](self.encoder(x))


def loss_of(task, out):
    if out.shape[-1] == 1:
        return F.binary_cross_entropy_with_logits(out.squeeze(-1), torch.randint(0, 2, (len(out),)).float())
    return F.cross_entropy(out, torch.randint(0, out.shape[-1], (len(out),)))


net = MultiTask()
opt = torch.optim.AdamW(net.parameters(), 1e-3)
log = {}
for step in range(8):
    task = TASKS[step % 12]
    loss = loss_of(task, net(torch.randn(8, 6), task))
    opt.zero_grad()
    loss.backward()
    opt.step()
    log.setdefault(task, []).append(loss.item())
print({k: sum(v) / len(v) for k, v in log.items()})
