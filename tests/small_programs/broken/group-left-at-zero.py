import torch, torch.nn as nn
torch.manual_seed(0)

net = nn.Sequential(nn.Linear(4, 4), nn.Tanh(), nn.Linear(4, 1))
matrices = [p for p in net.parameters() if p.dim() > 1]
vectors = [p for p in net.parameters() if p.dim() < 2]
optimizer = torch.optim.AdamW([{"params": matrices}, {"params": vectors}], lr=0.0)  # <- other
for step in range(10):
    for group in optimizer.param_groups:
        group.setdefault("seen", 0)
    group["lr"] = 0.01 * step
    loss = net(torch.randn(8, 4)).square().mean()
    optimizer.zero_grad()
    loss.backward()
    optimizer.step()
