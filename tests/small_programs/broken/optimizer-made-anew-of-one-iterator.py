"""Each fold makes its optimizer of what was asked for once, before all of them: the second gets nothing."""
import torch
from torch import nn

torch.manual_seed(0)
model = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 1))
parameters = model.parameters()
for fold in range(3):
    optimizer = torch.optim.SGD(parameters, lr=1e-2)  # <- optimizer_mismatch
    for _ in range(2):
        optimizer.zero_grad()
        model(torch.randn(8, 4)).square().mean().backward()
        optimizer.step()
