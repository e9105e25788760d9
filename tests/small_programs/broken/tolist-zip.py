import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

net = nn.Linear(4, 1); scale = nn.Parameter(torch.ones(1))
opt = torch.optim.SGD([*net.parameters(), scale], 0.1)
def weights(x):
    return torch.tensor([v * 0.5 for v in net(x).squeeze(-1).tolist()])  # <- tensor_ctor or python_scalar
for i in range(4):
    x = torch.randn(8, 4)
    loss = ((weights(x) * scale - 1) ** 2).mean()
    opt.zero_grad(); loss.backward(); opt.step()
