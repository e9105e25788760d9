import torch
import torch.nn as nn
import torch.nn.functional as F

torch.manual_seed(0)

G, D = nn.Linear(4, 8), nn.Sequential(nn.Linear(8, 8), nn.ReLU(), nn.Linear(8, 1))
og, od = torch.optim.Adam(G.parameters()), torch.optim.Adam(D.parameters())
for step in range(10):
    real, fake = torch.randn(16, 8), G(torch.randn(16, 4))
    ld = F.softplus(-D(real)).mean() + F.softplus(D(fake.detach())).mean()
    od.zero_grad(); ld.backward(); od.step()
    lg = F.softplus(-D(fake.detach())).mean()
    og.zero_grad(); lg.backward(); og.step()
