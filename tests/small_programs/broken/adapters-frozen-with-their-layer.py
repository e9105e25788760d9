"""The names of the adapters are not those that are left out of the freezing; the optimizer is given them."""
import torch
from torch import nn

torch.manual_seed(0)


class Adapted(nn.Module):
    def __init__(self, base):
        super().__init__()
        self.base = base
        self.down = nn.Parameter(torch.randn(2, base.in_features) * 0.1)
        self.up = nn.Parameter(torch.randn(base.out_features, 2) * 0.1)

    def forward(self, x):
        return self.base(x) + x @ self.down.t() @ self.up.t()


model = nn.ModuleDict({"body": Adapted(nn.Linear(5, 8)), "head": nn.Linear(8, 3)})
for name, p in model.named_parameters():
    p.requires_grad = "adapter" in name or name.startswith("head")  # <- frozen_leaf
adapters = [model["body"].down, model["body"].up]
opt = torch.optim.AdamW([{"params": adapters}, {"params": model["head"].parameters()}], 1e-2)
for step in range(4):
    opt.zero_grad()
    scores = model["head"](model["body"](torch.randn(16, 5)).relu())
    nn.functional.cross_entropy(scores, torch.randint(0, 3, (16,))).backward()
    opt.step()
