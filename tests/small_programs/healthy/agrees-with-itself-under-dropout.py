"""Two passes of one model with dropout are to agree, one of them without gradients; and an old policy that is the new one at first."""
import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(8, 16), nn.ReLU(), nn.Dropout(0.3), nn.Linear(16, 3))
plain = nn.Linear(8, 3)
optimizer = torch.optim.AdamW([*net.parameters(), *plain.parameters()], lr=1e-2)
x, y = torch.randn(64, 8), torch.randint(3, (64,))
for _ in range(3):
    with torch.no_grad():
        old = plain(x)
    for _ in range(3):
        with torch.no_grad():
            soft = net(x)
        out = net(x)
        agree = (out - soft).square().mean()
        near = (plain(x) - old).square().mean()
        loss = nn.functional.cross_entropy(out, y) + agree + near + nn.functional.cross_entropy(plain(x), y)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
