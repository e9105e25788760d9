import torch, torch.nn as nn, torch.nn.functional as F
from torch.distributions import Normal, kl_divergence
torch.manual_seed(0)

enc, dec = nn.Linear(6, 4), nn.Linear(2, 6)
opt = torch.optim.Adam([*enc.parameters(), *dec.parameters()])
x = torch.randn(16, 6)
for _ in range(2):
    mean, spread = enc(x).chunk(2, dim=1)
    posterior = Normal(mean, F.softplus(spread))
    z = posterior.sample()  # <- no_grad
    divergence = kl_divergence(posterior, Normal(torch.zeros(2), torch.ones(2))).sum(1).mean()
    loss = F.mse_loss(dec(z), x) + 0.1 * divergence
    opt.zero_grad()
    loss.backward()
    opt.step()
