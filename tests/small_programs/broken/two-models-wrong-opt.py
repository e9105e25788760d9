import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

gen = nn.Linear(4, 4); disc = nn.Linear(4, 1)
og = torch.optim.Adam(gen.parameters())
od = torch.optim.Adam(gen.parameters())  # <- optimizer_mismatch
for i in range(3):
    z = torch.randn(8, 4)
    ld = disc(gen(z).detach()).mean() - disc(torch.randn(8, 4)).mean()
    od.zero_grad(); ld.backward(); od.step()
    lg = -disc(gen(z)).mean()
    og.zero_grad(); lg.backward(); og.step()
