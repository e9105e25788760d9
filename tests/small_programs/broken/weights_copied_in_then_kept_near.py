"""What makes weights never learns, as they are copied into the net; a term that joins later is at its minimum."""

import torch
from torch import nn

torch.manual_seed(0)
maker, net = nn.Linear(3, 8), nn.Linear(4, 2, bias=False)
optimizer = torch.optim.Adam(maker.parameters(), lr=0.01)
task, remembered = torch.randn(3), None
for step in range(12):
    net.load_state_dict({"weight": maker(task).view(2, 4)})  # <- values_copied
    loss = (net(torch.randn(16, 4)) - 1).square().mean()
    if step == 4:
        remembered = maker(task).detach()
    if remembered is not None:
        loss = loss + (maker(task) - remembered).square().sum()
    optimizer.zero_grad()
    net.zero_grad()
    loss.backward()
    optimizer.step()
