import math

import torch
import torch.nn as nn
import torch.nn.functional as F


class LoRALinear(nn.Module):
    def __init__(self, base, rank=4, alpha=8.0, dropout=0.0):
        super().__init__()
        self.base = base
        for p in self.base.parameters():
            p.requires_grad_(False)
        self.lora_a = nn.Parameter(torch.empty(rank, base.in_features))
        self.lora_b = nn.Parameter(torch.zeros(base.out_features, rank))
        nn.init.kaiming_uniform_(self.lora_a, a=math.sqrt(5))
        self.scale = alpha / rank
        self.dropout = nn.Dropout(dropout)

    def forward(self, x):
        return self.base(x) + self.scale * F.linear(F.linear(self.dropout(x), self.lora_a), self.lora_b)

    @torch.no_grad()
    def merge(self):
        self.base.weight += self.scale * self.lora_b @ self.lora_a
        return self.base


def adapt(module, names, **options):
    """Replaces the linear layers whose attribute has one of `names`, in place."""
    for name, child in module.named_children():
        if name in names and isinstance(child, nn.Linear):
            setattr(module, name, LoRALinear(child, **options))
        else:
            adapt(child, names, **options)
    return module


def merged(module):
    for name, child in module.named_children():
        if isinstance(child, LoRALinear):
            setattr(module, name, child.merge())
        else:
            merged(child)
    return module
