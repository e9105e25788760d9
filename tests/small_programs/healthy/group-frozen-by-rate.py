import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
groups = [{"params": net[0].parameters(), "lr": 0.0}, {"params": net[2].parameters()}]
optimizer = torch.optim.AdamW(groups, lr=0.01)
for _ in range(8):
    loss = net(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
