import torch
import torch.nn as nn

torch.manual_seed(0)
message, read = nn.Linear(4, 4), nn.Linear(8, 1)
opt = torch.optim.SGD([*message.parameters(), *read.parameters()], lr=0.1)
for _ in range(4):
    nodes, to = torch.randn(6, 4), torch.randint(0, 6, (12,))
    sent = message(nodes)[torch.randint(0, 6, (12,))]
    gathered = torch.zeros(6, 4)
    gathered.index_add(0, to, sent)  # <- other
    loss = (read(torch.cat([nodes, gathered], 1)) - 1).square().mean()
    opt.zero_grad()
    loss.backward()
    opt.step()
