"""A helper thaws adapters and head; in this run the model has no adapters (rank 0)."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)


class LoRALinear(nn.Linear):
    def __init__(self, i, o, rank=0):
        super().__init__(i, o)
        self.rank = rank
        if rank:
            self.lora_A = nn.Parameter(torch.randn(rank, i) * 0.01)
            self.lora_B = nn.Parameter(torch.zeros(o, rank))

    def forward(self, x):
        y = super().forward(x)
        return y + x @ self.lora_A.T @ self.lora_B.T if self.rank else y


def mark_trainable(model):
    for name, p in model.named_parameters():
        p.requires_grad = False
    for name, p in model.named_parameters():
        if "lora_" in name:
            p.requires_grad = True
    for p in model[-1].parameters():
        p.requires_grad = True


net = nn.Sequential(LoRALinear(8, 16, rank=0), nn.ReLU(), LoRALinear(16, 16, rank=0), nn.ReLU(), nn.Linear(16, 4))
mark_trainable(net)
opt = torch.optim.AdamW(net.parameters(), lr=1e-3)
for step in range(10):
    x, y = torch.randn(16, 8), torch.randint(0, 4, (16,))
    loss = F.cross_entropy(net(x), y)
    opt.zero_grad()
    loss.backward()
    opt.step()
