# Real and fake cancel in the critic's bias; the hooks only clip.
import torch
from torch import nn
torch.manual_seed(0)
D = nn.Linear(2, 1); G = nn.Linear(3, 2)
opt_d, opt_g = torch.optim.RMSprop(D.parameters(), 1e-3), torch.optim.RMSprop(G.parameters(), 1e-3)
for p in D.parameters(): p.register_hook(lambda g: g.clamp(-1, 1))
for _ in range(6):
    real, fake = torch.randn(8, 2) + 1, G(torch.randn(8, 3))
    opt_d.zero_grad(); (D(fake.detach()).mean() - D(real).mean()).backward(); opt_d.step()
    opt_g.zero_grad(); (-D(fake).mean()).backward(); opt_g.step()
print(D.bias.grad)
