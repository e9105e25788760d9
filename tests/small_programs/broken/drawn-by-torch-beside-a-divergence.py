import torch, torch.nn as nn, torch.nn.functional as F
torch.manual_seed(0)

body, mean, spread, decoder = nn.Linear(8, 16), nn.Linear(16, 4), nn.Linear(16, 4), nn.Linear(4, 8)
parts = nn.ModuleList([body, mean, spread, decoder])
opt = torch.optim.Adam(parts.parameters())
x = torch.randn(16, 8)
for _ in range(3):
    hidden = body(x).relu()
    mu, logvar = mean(hidden), spread(hidden)
    z = torch.normal(mu, (0.5 * logvar).exp())  # <- zero_gradient
    divergence = -0.5 * (1 + logvar - mu.pow(2) - logvar.exp()).sum(1).mean()
    loss = F.mse_loss(decoder(z), x) + 0.1 * divergence
    opt.zero_grad()
    loss.backward()
    opt.step()
