import torch
import torch.nn as nn

torch.manual_seed(0)
place = nn.Parameter(torch.randn(5, 4))
read = nn.Linear(4, 1)
opt = torch.optim.Adam([place, *read.parameters()])
for _ in range(4):
    x = torch.randn(3, 5, 4)
    torch.add(x, place)  # <- other
    loss = (read(x) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
