import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

nodes, message, spare, out = nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 8), nn.Linear(8, 3)
opt = torch.optim.Adam([*nodes.parameters(), *message.parameters(), *out.parameters()], lr=0.01)
source, target = torch.tensor([0, 1, 2, 3]), torch.tensor([4, 5, 4, 5])
for step in range(8):
    state = nodes(torch.randn(6, 5)).relu()
    part = state[target]
    part[:, :8] = part[:, :8] + message(state[source])
    state = state.index_put((target,), part, accumulate=False)
    state.view(2, 3, 8)[0].mul_(2)
    with torch.no_grad():
        state[target].add_(spare(state[source]))
    loss = F.cross_entropy(out(state), torch.randint(0, 3, (6,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
