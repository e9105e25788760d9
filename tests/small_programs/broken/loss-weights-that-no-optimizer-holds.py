"""Two losses are weighed by an uncertainty that should be learnt: no optimizer is given it."""
import torch
from torch import nn
import torch.nn.functional as F

torch.manual_seed(0)
body, depth, label = nn.Linear(4, 8), nn.Linear(8, 1), nn.Linear(8, 3)
log_vars = torch.zeros(2, requires_grad=True)
parts = nn.ModuleList([body, depth, label])
optimizer = torch.optim.Adam(parts.parameters(), lr=1e-2)  # <- optimizer_mismatch
for _ in range(5):
    hidden = body(torch.randn(16, 4)).relu()
    one = F.mse_loss(depth(hidden), torch.randn(16, 1))
    other = F.cross_entropy(label(hidden), torch.randint(0, 3, (16,)))
    loss = (torch.exp(-log_vars) * torch.stack([one, other]) + log_vars).sum()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
