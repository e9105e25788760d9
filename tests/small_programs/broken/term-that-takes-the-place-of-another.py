import torch
from torch import nn

torch.manual_seed(0)
body, label, value = nn.Linear(4, 8), nn.Linear(8, 3), nn.Linear(8, 1)
optimizer = torch.optim.Adam([*body.parameters(), *label.parameters(), *value.parameters()], lr=1e-2)
for _ in range(8):
    x = torch.randn(16, 4)
    hidden = torch.relu(body(x))
    loss = nn.functional.cross_entropy(label(hidden), (x[:, 0] > 0).long())
    target = x.sum(1, keepdim=True)
    loss =+ nn.functional.mse_loss(value(hidden), target)  # <- other
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
