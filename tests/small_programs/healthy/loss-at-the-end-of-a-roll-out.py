import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

cell, out = nn.GRUCell(4, 8), nn.Linear(8, 4)
opt = torch.optim.Adam([*cell.parameters(), *out.parameters()])
data = torch.randn(5, 16, 4)
for _ in range(3):
    state = torch.zeros(16, 8)
    for now, after in zip(data, data[1:], strict=False):
        state = cell(now, state)
        loss = F.mse_loss(out(state), after)
    opt.zero_grad()
    loss.backward()
    opt.step()
