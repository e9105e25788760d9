import torch, torch.nn as nn, torch.nn.functional as F
from torch.optim.lr_scheduler import StepLR
torch.manual_seed(0)

cfg = {"decay": None, "every": 4, "epochs": 14}
net = nn.Sequential(nn.Linear(4, 8), nn.ReLU(), nn.Linear(8, 3))
optimizer = torch.optim.Adam(net.parameters(), lr=0.01)
if cfg["decay"]:
    scheduler = StepLR(optimizer, step_size=cfg["every"], gamma=cfg["decay"])
else:
    scheduler = StepLR(optimizer, step_size=cfg["every"], gamma=0)  # <- other
for epoch in range(cfg["epochs"]):
    for _ in range(3):
        loss = F.cross_entropy(net(torch.randn(16, 4)), torch.randint(0, 3, (16,)))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    scheduler.step()
