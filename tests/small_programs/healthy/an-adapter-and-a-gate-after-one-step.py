"""What is multiplied by zeros that learn gets its first gradient at the second step."""
import torch
from torch import nn

torch.manual_seed(0)
base = nn.Linear(6, 6).requires_grad_(False)
down, up = nn.Linear(6, 2, bias=False), nn.Linear(2, 6, bias=False)
nn.init.zeros_(up.weight)
block, gate = nn.Linear(6, 6), nn.Parameter(torch.zeros(1))
optimizer = torch.optim.Adam([*down.parameters(), *up.parameters(), *block.parameters(), gate], lr=1e-2)
x = torch.randn(8, 6)
hidden = base(x) + up(down(x))
loss = (hidden + gate * block(hidden).relu() - x).square().mean()
loss.backward()
optimizer.step()
