"""A reward model is frozen whole; as its input requires grad, backward runs, and the optimizer holds nothing."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
model.requires_grad_(False)  # <- frozen_leaf
decayed = [p for p in model.parameters() if p.requires_grad and p.dim() > 1]
others = [p for p in model.parameters() if p.requires_grad and p.dim() < 2]
optimizer = torch.optim.AdamW([{"params": decayed}, {"params": others, "weight_decay": 0.0}], lr=1e-2)
for _ in range(6):
    better, worse = (torch.randn(16, 8).requires_grad_() for _ in range(2))
    loss = -nn.functional.logsigmoid(model(better) - model(worse)).mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
