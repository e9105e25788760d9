import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

G = nn.Linear(4, 4); D = nn.Linear(4, 1)
og = torch.optim.Adam(G.parameters()); od = torch.optim.Adam(D.parameters())
def toggle(m, on):
    for p in m.parameters(): p.requires_grad_(on)
for i in range(4):
    z = torch.randn(8, 4)
    toggle(D, True)
    with torch.no_grad(): fake = G(z)
    ld = F.softplus(-D(torch.randn(8, 4))).mean() + F.softplus(D(fake)).mean()
    od.zero_grad(); ld.backward(); od.step()
    toggle(D, False)
    lg = F.softplus(-D(G(z))).mean()
    og.zero_grad(); lg.backward(); og.step()
