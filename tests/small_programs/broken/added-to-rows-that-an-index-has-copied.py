import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

nodes, message, out = nn.Linear(5, 8), nn.Linear(8, 8), nn.Linear(8, 3)
opt = torch.optim.Adam([*nodes.parameters(), *message.parameters(), *out.parameters()], lr=0.01)
source, target = torch.tensor([0, 1, 2, 3]), torch.tensor([4, 5, 4, 5])
for step in range(8):
    state = nodes(torch.randn(6, 5)).relu()
    state[target].add_(message(state[source]))  # <- other or unused_parameter
    loss = F.cross_entropy(out(state), torch.randint(0, 3, (6,)))
    opt.zero_grad()
    loss.backward()
    opt.step()
