import torch
from torch import nn

torch.manual_seed(0)
net = nn.Sequential(nn.Linear(4, 8), nn.Tanh(), nn.Linear(8, 2))
optimizer = torch.optim.Adam(list(net.parameters())[1:], lr=1e-2)  # <- optimizer_mismatch
for _ in range(5):
    loss = nn.functional.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 2, (16,)))
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
    for parameter in net.parameters():
        parameter.data.clamp_(-1, 1)
