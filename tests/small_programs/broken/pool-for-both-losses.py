import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

class Pool:
    def __init__(self):
        self.items = []
    def query(self, fake):
        self.items.extend(fake.detach())  # <- detach
        self.items = self.items[-16:]
        return torch.stack(self.items[-len(fake):])

gen, disc, pool = nn.Linear(2, 2), nn.Linear(2, 1), Pool()
opt_g, opt_d = torch.optim.Adam(gen.parameters(), 1e-3), torch.optim.Adam(disc.parameters(), 1e-3)
for _ in range(4):
    fake = gen(torch.randn(8, 2))
    history = pool.query(fake)
    loss_d = F.softplus(-disc(torch.randn(8, 2))).mean() + F.softplus(disc(history)).mean()
    opt_d.zero_grad()
    loss_d.backward()
    opt_d.step()
    loss_g = F.softplus(-disc(history)).mean()
    opt_g.zero_grad()
    loss_g.backward()
    opt_g.step()
