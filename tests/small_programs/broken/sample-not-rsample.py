import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

from torch.distributions import Normal
enc = nn.Linear(4, 4); dec = nn.Linear(2, 4)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])
for i in range(3):
    x = torch.randn(8, 4)
    mu, lv = enc(x).chunk(2, -1)
    z = Normal(mu, lv.exp()).sample()  # <- no_grad or nondifferentiable_op or detach or other
    loss = F.mse_loss(dec(z), x)
    opt.zero_grad(); loss.backward(); opt.step()
