"""The discriminator's loss reaches the generator too, which is cleared as it should be; its own loss is cut."""
import torch
from torch import nn

torch.manual_seed(0)
G, D = nn.Linear(4, 3), nn.Linear(3, 1)
opt_g = torch.optim.Adam(G.parameters(), lr=1e-2)
opt_d = torch.optim.Adam(D.parameters(), lr=1e-2)
for _ in range(5):
    real, fake = torch.randn(8, 3), G(torch.randn(8, 4))
    loss_d = nn.functional.softplus(-D(real)).mean() + nn.functional.softplus(D(fake)).mean()
    opt_d.zero_grad()
    loss_d.backward(retain_graph=True)
    opt_g.zero_grad()
    score = D(fake.detach())  # <- detach
    loss_g = nn.functional.softplus(-score).mean()
    loss_g.backward()
    opt_d.step()
    opt_g.step()
