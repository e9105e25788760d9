import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
body = net[0].parameters()
print("body", sum(p.numel() for p in body))
optimizer = torch.optim.Adam([{"params": body}, {"params": net[2].parameters()}], 0.1)  # <- optimizer_mismatch
for _ in range(5):
    loss = net(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
