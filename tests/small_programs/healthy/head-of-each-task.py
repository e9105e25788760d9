import torch, torch.nn as nn
torch.manual_seed(0)

body, heads = nn.Linear(4, 4), nn.ModuleList(nn.Linear(4, 1) for _ in range(3))
optimizer = torch.optim.SGD([*body.parameters(), *heads.parameters()], 0.1)
for task in range(3):
    for number, head in enumerate(heads):
        head.requires_grad_(number == task)
    for _ in range(6):
        loss = heads[task](body(torch.randn(8, 4)).tanh()).square().mean()
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
